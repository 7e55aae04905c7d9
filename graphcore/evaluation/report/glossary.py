"""What each figure is called and what it says, for readers who never met it."""

from __future__ import annotations

import re
from dataclasses import dataclass

SHARE, HUNDRED, NUMBER, COUNT = "share", "hundred", "number", "count"


@dataclass(frozen=True)
class Entry:
    """One figure.

    Attributes:
        title: its name for people.
        says: what it tells, in a sentence or two; "" where the title says all.
        unit: SHARE in [0, 1], HUNDRED in [0, 100], NUMBER, or COUNT.
    """

    title: str
    says: str = ""
    unit: str = SHARE


FRAMES = {
    "accuracy": Entry("accuracy", "The share of samples that are named correctly."),
    "balanced_accuracy": Entry(
        "balanced accuracy", "The mean recall of the classes: a rare class weighs as much as a common one."
    ),
    "macro_f1": Entry("F1, mean of the classes", "Counts both what was missed and what was wrongly called so."),
    "mean_average_precision": Entry(
        "mean average precision",
        "How well the samples of each class stand above the others when sorted by score, whatever the threshold.",
    ),
    "roc_auc": Entry(
        "area under the ROC curve",
        "How often a sample of a class scores higher for it than one that is not; 50 % is chance.",
    ),
    "exact_match": Entry("exact match", "The share of samples with exactly the right labels."),
    "label_accuracy": Entry("label accuracy", "The share of single labels, given or not, that are right."),
    "f1_macro": Entry("F1, mean of the labels", "Counts both what was missed and what was wrongly given."),
    "f1_micro": Entry("F1, over all labels together", "Common labels weigh more."),
    "precision_macro": Entry("precision, mean of the labels", "Of what was given a label, the share that has it."),
    "precision_micro": Entry("precision, over all labels together", "Common labels weigh more."),
    "recall_macro": Entry("recall, mean of the labels", "Of what has a label, the share that was given it."),
    "recall_micro": Entry("recall, over all labels together", "Common labels weigh more."),
    "loss": Entry("log-loss", "How far the scores are from the truth; 0 is perfect, sure mistakes cost most.", NUMBER),
    "log_loss": Entry(
        "log-loss", "How far the scores are from the truth; 0 is perfect, sure mistakes cost most.", NUMBER
    ),
    "brier": Entry("Brier score", "The mean squared distance of the scores from the truth; 0 is perfect.", NUMBER),
    "expected_calibration_error": Entry(
        "expected calibration error", "How far scores are, on average, from how often they are right; 0 is honest."
    ),
    "majority_accuracy": Entry(
        "accuracy of the commonest answer", "What always naming the commonest class would give: the bar to clear."
    ),
    "random_average_precision": Entry(
        "mean average precision of chance", "What scores drawn at random would come to: the bar to clear."
    ),
}
SEGMENTS = {
    "video_accuracy": Entry(
        "accuracy, mean of the videos", "The share of right frames of each video; a long video weighs no more."
    ),
    "f1@10": Entry("F1@10", "Segments count as found where they overlap a true one by a tenth.", HUNDRED),
    "f1@25": Entry("F1@25", "The same with a quarter.", HUNDRED),
    "f1@50": Entry(
        "F1@50",
        "Segments count as found where at least half of what they cover together is shared; 100 is perfect. "
        "One segment that was torn in two counts as a mistake.",
        HUNDRED,
    ),
    "edit": Entry("edit score", "Whether the right things come in the right order, whenever; 100 is perfect.", HUNDRED),
    "phase_precision": Entry("phase precision", "Of the frames called so; mean over labels, then over videos."),
    "phase_recall": Entry("phase recall", "Of the frames that are so; mean over labels, then over videos."),
    "phase_jaccard": Entry(
        "phase Jaccard", "What truth and answer share, of what either covers; the strictest of these."
    ),
    "phase_f1": Entry("phase F1", "The harmonic mean of precision and recall, of each label of each video."),
    "map@tiou": Entry(
        "mAP@tIoU 0.50 to 0.95", "Segments sorted by score, judged at ever stricter overlaps (ActivityNet's figure)."
    ),
    "map@0.50": Entry("mAP@0.50", "The same at an overlap of half."),
}
# What a reader looks at first; the rest is folded up.
KEY = {
    *("accuracy", "balanced_accuracy", "macro_f1", "majority_accuracy", "expected_calibration_error"),
    *(
        "mean_average_precision",
        "exact_match",
        "f1_macro",
        "precision_macro",
        "recall_macro",
        "random_average_precision",
    ),
    *("video_accuracy", "phase_jaccard", "phase_f1", "edit", "f1@10", "f1@25", "f1@50"),
}
_TOP = re.compile(r"top_(\d+)_accuracy")


def find_entry(name: str, relax_secs: float = 0.0) -> Entry | None:
    """What a figure of metrics.json is; None for one that this page does not show.

    Args:
        name: of the figure.
        relax_secs: how close to a change of label either label is right, for what is said of relaxed ones.
    """
    if name.endswith("_calibrated"):
        plain = find_entry(name.removesuffix("_calibrated"))
        return plain and Entry(
            f"{plain.title}, calibrated", "The same at the temperature fitted on validation.", plain.unit
        )
    if name.endswith("_relaxed"):
        plain = find_entry(name.removesuffix("_relaxed"))
        return plain and Entry(
            f"{plain.title}, relaxed by {relax_secs:g} s" if relax_secs else f"{plain.title}, relaxed",
            "The same; so close to a change, what is there on either side of it is right.",
            plain.unit,
        )
    if name.startswith("segmented_"):  # beside the figure, not below it
        return find_entry(name.removeprefix("segmented_"))
    if found := _TOP.fullmatch(name):
        return Entry(
            f"top-{found[1]} accuracy", f"The share of samples whose class is among the {found[1]} best guesses."
        )
    return FRAMES.get(name) or SEGMENTS.get(name)


def is_about_videos(name: str) -> bool:
    """Whether a figure judges videos as a whole rather than frames one by one."""
    return name.removeprefix("segmented_").removesuffix("_relaxed") in SEGMENTS


def is_key(name: str) -> bool:
    """Whether a figure is among those that are looked at first."""
    return name.removesuffix("_relaxed") in KEY or _TOP.fullmatch(name) is not None
