"""`python -m graphcore.predict run=RUN 'inputs=[a.jpg,folder,clip.mp4]'`: a finished run at work."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphcore.command import run_command
from graphcore.config import PredictConfig
from graphcore.console import progress, say, show_table, warn
from graphcore.errors import InputError

# TensorFlow is imported when something is predicted, not for --help.
if TYPE_CHECKING:
    import numpy as np

    from graphcore.inference.classifier import Classifier
    from graphcore.inference.outputs import PicturePrediction, Predicted
    from graphcore.inference.video import VideoPrediction


def predict(
    run: Path | str, inputs: Sequence[str | Path], every_secs: float | None = None, batch_size: int = 32
) -> Predicted:
    """Classifies pictures and videos.

    Args:
        run: a finished run's folder, or a frozen graph.
        inputs: pictures, videos and folders of them.
        every_secs: how often a video is looked at, in seconds; None for as often as the run was trained on.
        batch_size: pictures a forward pass.

    Returns:
        What was found, with every input that had to be left out and why.

    Raises:
        RunError: `run` is not a finished run.
        InputError: the frozen graph cannot be used.
    """
    from graphcore.inference.classifier import Classifier
    from graphcore.inference.outputs import Predicted
    from graphcore.inference.pictures import find_inputs

    found = find_inputs(inputs)
    with Classifier.load(run) as classifier:
        pictures, bad_pictures = _classify_pictures(classifier, found.pictures, batch_size)
        videos, bad_videos = _classify_videos(classifier, found.videos, every_secs or classifier.every_secs, batch_size)
        failures = (*found.failures, *bad_pictures, *bad_videos)
        return Predicted(classifier.labels, tuple(pictures), tuple(videos), failures, classifier.thresholds)


def main() -> None:
    """Runs the command."""
    run_command(run_predict, config_name="predict", job="predict")


def run_predict(options: PredictConfig) -> None:
    """Predicts, prints and writes what the options ask for.

    Raises:
        InputError: an input had to be left out; raised at the end, after all the others were dealt with.
    """
    from graphcore.inference.outputs import write_csv, write_predicted_json

    if not options.inputs:
        raise InputError("inputs is empty.", next_step="Name pictures, folders or videos: 'inputs=[a.jpg,folder]'.")
    for name in ("csv", "json"):
        _check_writable(name, getattr(options, name))
    predicted = predict(options.run, options.inputs, options.every_secs, options.batch_size)
    show_predicted(predicted, options.top)
    if options.csv:
        write_csv(Path(options.csv), predicted)
        say(f"Wrote {options.csv}")
    if options.json:
        write_predicted_json(Path(options.json), predicted)
        say(f"Wrote {options.json}")
    if predicted.failures:
        lines = "\n".join(f"  {name}: {reason}" for name, reason in predicted.failures)
        plural = "s were" if len(predicted.failures) > 1 else " was"
        raise InputError(f"{len(predicted.failures)} input{plural} left out:\n{lines}")


def _check_writable(name: str, value: str | None) -> None:
    """Finds a path that nothing can be written to before hours are spent on videos."""
    if value is None:
        return
    path = Path(value)
    above = next((parent for parent in path.parents if parent.exists()), Path())
    if path.is_dir():
        problem = "is a folder"
    elif not above.is_dir():
        problem = f"lies below the file {above}"
    elif not os.access(above, os.W_OK):
        problem = f"cannot be written: {above} is read-only"
    else:
        return
    raise InputError(f"{name}={value} {problem}.", next_step=f"Give the path of a file: {name}=predictions.{name}.")


def show_predicted(predicted: Predicted, top: int) -> None:
    """Prints the pictures' best classes, and of each video its frames and segments.

    Of a multi-label classifier the labels that are given are marked, and shown even where they are not among the best.
    """
    several = predicted.thresholds is not None
    rows = []
    for picture in predicted.pictures:
        given = predicted.find_given(picture.scores)
        for rank, (label, score) in enumerate(_choose_shown(picture.scores, predicted, top)):
            mark = ("yes" if label in given else "",) if several else ()
            rows.append(("" if rank else str(picture.path), label, f"{score:.4f}", *mark))
    if rows:
        columns = ("picture", "label", "score", "given") if several else ("picture", "class", "score")
        show_table("Pictures", columns, rows, shorten=0)
    if predicted.videos:
        _show_videos(predicted)


def _choose_shown(scores: np.ndarray, predicted: Predicted, top: int) -> list[tuple[str, float]]:
    """The best classes with their scores; of a multi-label classifier also all others that are given."""
    from graphcore.inference.classifier import top_classes

    ranked = top_classes(scores, predicted.labels, len(predicted.labels))
    if predicted.thresholds is None:
        return ranked[:top]
    given = predicted.find_given(scores)
    return [(label, score) for rank, (label, score) in enumerate(ranked) if rank < top or label in given]


def _show_videos(predicted: Predicted) -> None:
    several = predicted.thresholds is not None
    frames, segments = [], []
    for video in predicted.videos:
        for row, (time_secs, scores) in enumerate(zip(video.times_secs, video.scores, strict=True)):
            name = "" if row else str(video.path)
            best = () if several else (f"{scores.max():.4f}",)
            frames.append((name, f"{time_secs:.3f}", predicted.name(scores), *best))
        for row, segment in enumerate(video.segments):
            name = "" if row else str(video.path)
            segments.append((name, f"{segment.start_secs:.3f}", f"{segment.end_secs:.3f}", segment.label))
    columns = ("video", "seconds", "labels") if several else ("video", "seconds", "class", "score")
    show_table("Frames of videos", columns, frames, shorten=0)
    if segments:
        last = "label" if several else "class"
        show_table("Segments of videos", ("video", "start", "end", last), segments, shorten=0)
    for video in predicted.videos:
        if not video.segments:
            say(f"{video.path}: no segments found")
        if video.problem:
            warn(f"{video.path}: {video.problem}; what is there of it is above")


def _classify_pictures(
    classifier: Classifier, paths: Sequence[Path], batch_size: int
) -> tuple[list[PicturePrediction], list[tuple[str, str]]]:
    from graphcore.inference.outputs import PicturePrediction

    good, bad = [], []
    if not paths:
        return good, bad
    with progress("Classified pictures", len(paths), "pictures") as advance:
        for path, outcome in zip(paths, classifier.predict_each(paths, batch_size), strict=True):
            if isinstance(outcome, InputError):
                bad.append((str(path), str(outcome).removeprefix(f"{path}: ").removeprefix(f"{path} ").rstrip(".")))
            else:
                good.append(PicturePrediction(path, outcome))
            advance()
    return good, bad


def _classify_videos(
    classifier: Classifier, paths: Sequence[Path], every_secs: float, batch_size: int
) -> tuple[list[VideoPrediction], list[tuple[str, str]]]:
    from graphcore.inference.video import classify_video

    good, bad = [], []
    if not paths:
        return good, bad
    with progress("Classified videos", len(paths), "videos") as advance:
        for path in paths:
            try:
                good.append(classify_video(classifier, path, every_secs, batch_size))
            except InputError as error:
                bad.append((str(path), str(error).removeprefix(f"{path}: ").rstrip(".")))
            advance()
    return good, bad


if __name__ == "__main__":
    main()
