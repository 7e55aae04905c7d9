"""`python -m graphcore.predict run=RUN 'inputs=[a.jpg,folder,clip.mp4]'`: a finished run at work."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphcore.command import run_command
from graphcore.config import PredictConfig, SegmentsConfig
from graphcore.console import say, warn
from graphcore.errors import ConfigError, InputError

# TensorFlow is imported when something is predicted, not for --help.
if TYPE_CHECKING:
    from graphcore.inference.outputs import Predicted
    from graphcore.inference.pictures import Inputs


def predict(
    run: Path | str,
    inputs: Sequence[str | Path],
    every_secs: float | None = None,
    batch_size: int = 32,
    segments: SegmentsConfig | None = None,
    calibrate: bool = False,
) -> Predicted:
    """Classifies pictures and videos.

    Args:
        run: a finished run's folder, or a frozen graph.
        inputs: pictures, videos and folders of them.
        every_secs: how often a video is looked at, in seconds; None for as often as the run was trained on.
        batch_size: pictures a forward pass.
        segments: how frames become segments, where that is not to be as the run chose.
        calibrate: whether scores are made frequencies by the run's temperature. Labels and segments stay the same.

    Returns:
        What was found, with every input that had to be left out and why.

    Raises:
        RunError: `run` is not a finished run.
        InputError: the frozen graph cannot be used.
        ConfigError: `calibrate` where there is no temperature.
    """
    from graphcore.inference.classifier import Classifier
    from graphcore.inference.classifying import classify_inputs
    from graphcore.inference.pictures import find_inputs

    found = find_inputs(inputs)
    with Classifier.load(run) as classifier:
        return classify_inputs(classifier, found, every_secs, batch_size, segments, calibrate)


def main() -> None:
    """Runs the command."""
    run_command(run_predict, config_name="predict", job="predict")


def run_predict(options: PredictConfig) -> None:
    """Predicts, prints and writes what the options ask for.

    Raises:
        InputError: an input had to be left out; raised at the end, after all the others were dealt with.
    """
    from graphcore.inference.pictures import find_inputs

    if not options.inputs:
        raise InputError("inputs is empty.", next_step="Name pictures, folders or videos: 'inputs=[a.jpg,folder]'.")
    found = find_inputs(options.inputs)
    _check_targets(options, found)
    predicted, every_secs = _predict_checked(options, found)
    _write(options, predicted, every_secs)
    if predicted.failures:
        lines = "\n".join(f"  {name}: {reason}" for name, reason in predicted.failures)
        plural = "s were" if len(predicted.failures) > 1 else " was"
        raise InputError(f"{len(predicted.failures)} input{plural} left out:\n{lines}")


def _predict_checked(options: PredictConfig, found: Inputs) -> tuple[Predicted, float]:
    """What was found, and every how many seconds videos were looked at."""
    from graphcore.inference.annotating import choose_format, rehearse
    from graphcore.inference.classifier import Classifier
    from graphcore.inference.classifying import classify_inputs
    from graphcore.inference.tables import show_predicted

    with Classifier.load(options.run) as classifier:
        if options.annotations:
            path, several = Path(options.annotations), classifier.multi_label
            rehearse(path, choose_format(path, options.annotation_format), found.videos, classifier.labels, several)
        predicted = classify_inputs(
            classifier, found, options.every_secs, options.batch_size, options.segments, options.calibrate
        )
        every_secs = options.every_secs or classifier.traits.every_secs
    show_predicted(predicted, options.top, options.frames)
    return predicted, every_secs


def _write(options: PredictConfig, predicted: Predicted, every_secs: float) -> None:
    from graphcore.inference.annotating import choose_format, write_segments
    from graphcore.inference.another_round import advise_another_round
    from graphcore.inference.outputs import write_csv, write_predicted_json

    if options.csv:
        write_csv(Path(options.csv), predicted)
        say(f"Wrote {options.csv}")
    if options.json:
        write_predicted_json(Path(options.json), predicted)
        say(f"Wrote {options.json}")
    if options.annotations and predicted.videos:
        path, run = Path(options.annotations), Path(options.run)
        write_segments(path, choose_format(path, options.annotation_format), predicted, run.resolve().name)
        say(f"Wrote {options.annotations}")
        say(advise_another_round(run, path, [video.path for video in predicted.videos], every_secs))


def _check_targets(options: PredictConfig, found: Inputs) -> None:
    """Finds paths that nothing can be written to, and options that would do nothing, before hours are spent."""
    from graphcore.inference.annotating import check_target, choose_format

    targets = [getattr(options, name) for name in ("csv", "json", "annotations") if getattr(options, name)]
    if len({os.path.abspath(one) for one in targets}) < len(targets):
        raise InputError(
            f"Two of csv, json and annotations name one file: {', '.join(targets)}.", next_step="Give each a file."
        )
    for name in ("csv", "json"):
        _check_writable(name, getattr(options, name), f"Give the path of a file: {name}=predictions.{name}.")
    if options.annotations:
        path = Path(options.annotations)
        check_target(path, choose_format(path, options.annotation_format), found.videos)
        _check_writable("annotations", options.annotations, "Give a path that can be written.", is_new=True)
    elif options.annotation_format is not None:
        raise ConfigError(
            f"annotation_format={options.annotation_format} writes nothing by itself.",
            next_step="Say where to: annotations=PATH.",
        )
    given = [f"segments.{name}" for name, value in dataclasses.asdict(options.segments).items() if value is not None]
    idle = [*given, *(["frames"] if options.frames else [])]
    if idle and not found.videos:
        warn(f"{', '.join(idle)} does nothing: inputs has no video.")


def _check_writable(name: str, value: str | None, next_step: str, is_new: bool = False) -> None:
    if value is None:
        return
    path = Path(value)
    above = next((parent for parent in path.parents if parent.exists()), Path())
    if path.is_dir() and not is_new:
        problem = "is a folder"
    elif not above.is_dir():
        problem = f"lies below the file {above}"
    elif not os.access(above, os.W_OK):
        problem = f"cannot be written: {above} is read-only"
    else:
        return
    raise InputError(f"{name}={value} {problem}.", next_step=next_step)


if __name__ == "__main__":
    main()
