"""A run that is still trained, looked at checkpoint by checkpoint."""
