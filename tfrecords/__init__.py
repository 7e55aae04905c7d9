"""Sharded TFRecord datasets: planned purely, written atomically, resumable, verifiable. No TensorFlow."""
