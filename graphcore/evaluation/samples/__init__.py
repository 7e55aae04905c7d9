"""Figures of samples that are judged one by one, in plain NumPy: of one label each, or of several."""
