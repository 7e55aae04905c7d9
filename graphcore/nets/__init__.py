"""Backbones: images to (net, end_points); how they want their input; where their weights come from."""
