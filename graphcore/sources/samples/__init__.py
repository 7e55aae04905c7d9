"""Data the project draws itself, so that every experiment runs offline: fractals and suture scenes."""
