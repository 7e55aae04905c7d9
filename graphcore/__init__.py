"""graphcore: your own pictures and annotated videos to a classifier on TensorFlow's graph."""

__version__ = "0.1.0"
