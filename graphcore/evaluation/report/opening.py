"""What the page opens with: the answer in plain words, how sure it is, and what goes wrong most."""

from __future__ import annotations

from graphcore.console import count_of, show_count
from graphcore.evaluation.figures import Metrics, confused_pairs, wilson_interval
from graphcore.evaluation.report.content import ReportContent
from graphcore.evaluation.report.figures import show_figure
from graphcore.evaluation.report.found import count_found
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.places import count_groups, name_samples
from graphcore.evaluation.report.wording import list_words, show_interval, show_share
from graphcore.evaluation.videos.overlap_f1 import SegmentCounts, add_counts
from graphcore.timelines.timeline import find_outside

# More classes are told together; the table of classes has each.
MOST_NAMED = 3


def make_opening(content: ReportContent) -> Html:
    """The run's name, the answer in large letters, and the sentences that stand behind it."""
    metrics = content.metrics
    head = tag("h1", content.title)
    if not metrics.count:
        what = content.whole or f"The {metrics.split} split"
        return join([head, tag("p", f"{what} has no samples.", class_="answer")])
    answer = _answer_several(content) if metrics.multi_label else _answer_one(content)
    said = [_warn_of_leaks(content), _tell_interval(content), _tell_confusion(content), _tell_segments(content)]
    return join([head, tag("p", answer, class_="answer"), *(tag("p", one, class_="lead") for one in said if one)])


def _answer_one(content: ReportContent) -> str:
    metrics = content.metrics
    right = show_count(int(metrics.confusion.trace()))
    _, noun = name_samples(content.predictions)
    share = show_share(metrics.values["accuracy"])
    what = f"{noun} of {content.whole}" if content.whole else f"{metrics.split} {noun}"
    return f"{share} of the {what} are named correctly: {right} of {show_count(metrics.count)}."


def _answer_several(content: ReportContent) -> str:
    metrics = content.metrics
    what = content.whole or f"the {metrics.split} split"
    return f"{show_share(metrics.values['mean_average_precision'])} mean average precision on {what}."


def _warn_of_leaks(content: ReportContent) -> Html:
    if content.dataset is None or not content.dataset.leaks:
        return Html()
    said = "Caution: the audit found the same pictures, videos or people on both sides of the splits, so that these "
    if content.dataset.whole:
        said = "Caution: some of the same pictures or videos were trained on, so that these "
    return tag("b", said, "figures are too good. ", tag("a", "What it found", href="#data"))


def _tell_interval(content: ReportContent) -> str:
    """How sure the figure is, over what, and what no skill at all would give."""
    metrics = content.metrics
    said = []
    if interval := metrics.intervals.get(metrics.headline):
        between = show_interval(interval.low, interval.high)
        said.append(f"95 % interval {between}, over {count_groups(interval, content.predictions)}.")
        said.append(interval.caution)
    elif metrics.no_intervals:
        said.append(metrics.no_intervals)
    elif not metrics.multi_label and not content.timelines:
        between = show_interval(*wilson_interval(metrics.values["accuracy"], metrics.count))
        said.append(f"95 % interval {between}, over {count_of(metrics.count, name_samples(content.predictions)[0])}.")
    values = metrics.values
    if metrics.multi_label:
        said.append(f"Scores drawn at random would come to {show_share(values['random_average_precision'])}.")
        said.append(
            f"With the run's thresholds F1 is {show_share(values['f1_macro'])} on average over the labels, and "
            f"{show_share(values['exact_match'])} of the {show_count(metrics.count)} samples have exactly the right "
            "labels."
        )
    else:
        commonest = max(metrics.classes, key=lambda one: one.support).name
        said.append(f"Always saying “{commonest}” would be right for {show_share(values['majority_accuracy'])}.")
    return " ".join(one for one in said if one)


def _tell_confusion(content: ReportContent) -> str:
    metrics = content.metrics
    pairs = confused_pairs(metrics, 2)
    if not pairs:
        return ""
    if pairs[0][2] == 1 and len(pairs) > 1:
        return "No two classes stand out among its mistakes: none is called another more than once."
    if metrics.multi_label:
        told = [f"“{given}” was given instead of “{missed}” {_times(times)}" for missed, given, times, _ in pairs]
    else:
        noun = name_samples(content.predictions)
        told = [
            f"{show_count(times)} of {count_of(of, *noun)} of “{true}” {_were(times)} called “{called}”"
            for true, called, times, of in pairs
        ]
    return f"It confuses most: {list_words(told)}."


def _times(times: int) -> str:
    return "once" if times == 1 else f"{show_count(times)} times"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _tell_segments(content: ReportContent) -> str:
    """Of videos, how many segments were found, and whether the answer needs the rest of the video."""
    metrics = content.metrics
    if not content.timelines or metrics.multi_label:
        return ""
    joined = content.segmented
    answers = [one.predicted for one in content.timelines] if joined is None else joined
    names = metrics.class_names
    counts = count_found(content.timelines, answers, find_outside(names))
    told = [_tell_counts(counts[label], f"“{names[label]}”") for label in counts]
    if len(counts) > MOST_NAMED:
        told = [_tell_counts(add_counts(counts.values()), f"{len(counts)} classes")]
    score = metrics.values.get("f1@50" if joined is None else "segmented_f1@50")
    if told and score is not None:
        told.append(f"F1@50 is {show_figure('f1@50', score)} of 100.")
    said = " ".join(told)
    if told and joined is not None:
        said = f"Once short stretches are joined or dropped: {said[0].lower()}{said[1:]}"
    return f"{said} {_tell_causality(metrics, joined is not None)}".strip()


def _tell_counts(counts: SegmentCounts, what: str) -> str:
    true = counts.right + counts.missed
    if not true:
        return f"There is no segment of {what}, and {show_count(counts.wrong)} were reported."
    wrong = f"; {show_count(counts.wrong)} more {_were(counts.wrong)} reported" if counts.wrong else ""
    return (
        f"Of {count_of(true, 'segment')} of {what} {show_count(counts.right)} {_were(counts.right)} found, "
        f"with at least half of the time shared{wrong}."
    )


def _tell_causality(metrics: Metrics, is_joined: bool) -> str:
    if metrics.videos is None:
        return ""
    if metrics.videos.causal:
        ahead = is_joined and not metrics.videos.values.get("segmented_causal", 1)
        looks_ahead = "; joining stretches also looks at what comes after" if ahead else ""
        return (
            "The frames are judged causally (online): each by what came before it alone, as during an operation"
            f"{looks_ahead}."
        )
    return "The result is offline: each moment is judged with the whole video at hand, as after an operation."
