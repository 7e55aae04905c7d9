"""What a finished run is worth: figures, predictions per sample, plots and a report."""
