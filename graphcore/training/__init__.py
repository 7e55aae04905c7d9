"""Optimizers, schedules, loops, summaries and checkpoints: from batches or features to a finished run."""
