"""Shards to batches: decode, prepare, augment, pipeline."""
