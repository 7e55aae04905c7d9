"""Other heads on the features of a run, side by side."""
