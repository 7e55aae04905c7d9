"""Frames of a video at regular times.

`sample.py` is the way in. What is decoded is planned from the packets' times (`shown.py`, `runs.py`, `nearest.py`),
decoded by several decoders side by side (`pool.py`), and scaled as it leaves them (`picture.py`). A video
whose packets do not keep what they promise is decoded from end to end instead (`plain.py`).
"""
