"""Where samples come from: folders of photos, annotated videos, and what graphcore draws itself."""
