"""Frames of videos in the order of their time: where samples come from, runs of one label, segments."""
