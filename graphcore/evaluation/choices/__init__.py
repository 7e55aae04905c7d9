"""What is chosen on validation when the weights are trained: thresholds, temperature, how frames become segments."""
