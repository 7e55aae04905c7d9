"""New last layers, built with slim, and their losses."""
