"""How well whole videos are understood: when something happens, not only what a single frame shows.

Every module holds one kind of figure of the field, worked out from its definition in plain NumPy over timelines. The
conventions that all share:

- A video without frames has no figures and is not counted. A video of one frame is a video like any other.
- A frame-wise figure treats the class of times outside every segment ("background", "not-x") as a label like any
  other; a figure of segments leaves it out.
- A label below 0 among the predictions, never in the truth, says that a frame was called nothing: it is never right and
  belongs to no segment.
- Shares are in [0, 1]; the edit score and F1@k are in [0, 100], as the field quotes them.
- A figure that is not defined is None, and has no name among the values; nothing is ever nan.
"""
