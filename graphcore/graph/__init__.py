"""The low-level layer: graphs with named inputs and outputs, sessions, freezing, GraphDef surgery."""
