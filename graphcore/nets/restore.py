"""Restoring: a checkpoint's values into a graph's variables of the same names, with an account of every name.

The plan is pure (names and shapes in, names out) and is all that can go wrong; carrying it out is one
Session.run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcore.console import say
from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf1
from graphcore.nets.guess import guess_network
from graphcore.nets.weights import CheckpointSource

Shape = tuple[int, ...]

_log = logging.getLogger(__name__)
_NAMES_IN_ERROR = 5
_OTHERWISE = "Use a checkpoint of this network, or leave its scope out: backbone.exclude_scopes=[SCOPE]"


@dataclass(frozen=True)
class RestorePlan:
    """What becomes of every variable; each tuple is sorted by name.

    Attributes:
        restored: in the checkpoint and in the graph, with the same shape.
        left_out: in the checkpoint only, or in an excluded scope.
        missing: in the graph only, outside the excluded scopes; they keep their initial values.
        mismatched: (name, shape in the checkpoint, shape in the graph); never non-empty in a plan that was
            returned by `plan_restore`, which raises instead.
    """

    restored: tuple[str, ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]
    mismatched: tuple[tuple[str, Shape, Shape], ...] = ()

    def summary(self, title: str) -> str:
        """Returns the account in one line; `title` is what the weights are called."""
        parts = [
            f"{len(self.restored)} variables restored",
            f"{len(self.left_out)} left out{_examples(self.left_out)}",
            f"{len(self.missing)} missing{_examples(self.missing)}",
        ]
        return f"Weights of {title}: {', '.join(parts)}"


def plan_restore(
    checkpoint_shapes: Mapping[str, Sequence[int]],
    graph_shapes: Mapping[str, Sequence[int]],
    exclude_scopes: Iterable[str] = (),
    ignore_missing: bool = False,
    title: str = "the checkpoint",
) -> RestorePlan:
    """Decides which variables are restored.

    Args:
        checkpoint_shapes: name -> shape of all that the checkpoint has.
        graph_shapes: name -> shape of the variables that want values.
        exclude_scopes: names that equal one of these, or lie under it, are not restored.
        ignore_missing: whether variables that the checkpoint lacks may keep their initial values.
        title: what messages call the checkpoint.

    Raises:
        CheckpointError: a variable has another shape in the checkpoint, or is not in it, or nothing fits at
            all; or nothing lies under an excluded scope. Where the checkpoint is of another network that we know, the
            message says which options choose that.
    """
    scopes = tuple(exclude_scopes)
    _require_scopes(scopes, [*graph_shapes, *checkpoint_shapes])
    wanted = {name: tuple(shape) for name, shape in graph_shapes.items() if not _lies_under(name, scopes)}
    offered = {name: tuple(shape) for name, shape in checkpoint_shapes.items()}
    common = sorted(wanted.keys() & offered.keys())
    plan = RestorePlan(
        restored=tuple(name for name in common if wanted[name] == offered[name]),
        left_out=tuple(sorted(offered.keys() - wanted.keys())),
        missing=tuple(sorted(wanted.keys() - offered.keys())),
        mismatched=tuple((name, offered[name], wanted[name]) for name in common if wanted[name] != offered[name]),
    )
    if plan.mismatched:
        raise _mismatch_error(plan, title, _advise(checkpoint_shapes, graph_shapes))
    if wanted and not plan.restored:
        raise _nothing_fits_error(plan, title, _advise(checkpoint_shapes, graph_shapes))
    if plan.missing and not ignore_missing:
        raise CheckpointError(
            f"{title} lacks {len(plan.missing)} variables of the network: {_first(plan.missing)}.",
            next_step=_advise(checkpoint_shapes, graph_shapes)
            or f"{_OTHERWISE}, or let what is missing keep its random start: backbone.ignore_missing=true.",
        )
    return plan


def restore(
    session: Any,
    source: CheckpointSource,
    variables: Iterable[Any] | None = None,
    exclude_scopes: Iterable[str] = (),
    ignore_missing: bool = False,
    announce: bool = True,
) -> RestorePlan:
    """Gives a graph's variables the values of a checkpoint; names go to the log, one line to the screen.

    Nothing is added to the graph, so it may be finalised, and may be restored into again.

    Args:
        session: on the graph that holds the variables.
        source: where the values come from.
        variables: what is to be restored; None for all model variables of the session's graph (slim's
            collection: not optimiser slots, not the global step).
        exclude_scopes: see `plan_restore`; a new last layer belongs here. Those of `source` count too.
        ignore_missing: see `plan_restore`; so does that of `source`.
        announce: whether the line goes to the screen; the log has the names in any case.

    Returns:
        What was done.

    Raises:
        CheckpointError: see `plan_restore`; or the checkpoint is damaged, or holds values that are no numbers.
    """
    if variables is None:
        variables = list(session.graph.get_collection(tf1.GraphKeys.MODEL_VARIABLES))
    by_name = {variable.op.name: variable for variable in variables}
    shapes = {name: tuple(variable.shape.as_list()) for name, variable in by_name.items()}
    plan, values = read_planned(source, shapes, exclude_scopes, ignore_missing, announce)
    assign_values(session, {by_name[name]: value for name, value in values.items()})
    return plan


def read_planned(
    source: CheckpointSource,
    shapes: Mapping[str, Shape],
    exclude_scopes: Iterable[str] = (),
    ignore_missing: bool = False,
    announce: bool = True,
) -> tuple[RestorePlan, dict[str, np.ndarray]]:
    """Reads a checkpoint's values for variables of these names and shapes; see `restore`, which asks for no more.

    Returns:
        What is to be done, and the values of `RestorePlan.restored`.

    Raises:
        CheckpointError: see `restore`.
    """
    values = source.read_all()
    plan = plan_restore(
        {name: value.shape for name, value in values.items()},
        shapes,
        (*exclude_scopes, *source.exclude_scopes),
        ignore_missing or source.ignore_missing,
        source.title,
    )
    found = {name: values[name] for name in plan.restored}
    _require_numbers(found, source.title)
    _report(plan, source.title, announce)
    return plan, found


def assign_values(session: Any, values: Mapping[Any, Any]) -> None:
    """Sets variables through their initialisers' inputs: one Session.run, nothing new in the graph."""
    initializers = [variable.initializer for variable in values]
    session.run(initializers, {variable.initializer.inputs[1]: value for variable, value in values.items()})


def _require_numbers(values: Mapping[str, np.ndarray], title: str) -> None:
    """A network computes with whatever it is given, and a training that came to nothing would blame its own rate."""
    for name, value in values.items():
        if value.dtype.kind not in "fiub" and value.dtype.name != "bfloat16":  # which NumPy counts among the unknown
            problem = f"is of type {value.dtype}"
        elif not np.isfinite(value).all():
            problem = "has values that are not finite"
        else:
            continue
        raise CheckpointError(
            f"{title} is no network's: {name} {problem}.",
            next_step="Take an earlier checkpoint of the training that it is from, or fetch it again.",
        )


def _report(plan: RestorePlan, title: str, announce: bool) -> None:
    for verb, names in (("restored", plan.restored), ("left out", plan.left_out), ("missing", plan.missing)):
        for name in names:
            _log.info("%s: %s", verb, name)
    if announce:
        say(plan.summary(title))


def _mismatch_error(plan: RestorePlan, title: str, advice: str | None) -> CheckpointError:
    name, in_checkpoint, in_graph = plan.mismatched[0]
    return CheckpointError(
        f"{title} is of another network: {name} has shape {list(in_checkpoint)} in the checkpoint and "
        f"{list(in_graph)} in the graph ({len(plan.mismatched)} such variables).",
        next_step=advice or f"{_OTHERWISE}.",
    )


def _nothing_fits_error(plan: RestorePlan, title: str, advice: str | None) -> CheckpointError:
    return CheckpointError(
        f"{title} has none of the network's {len(plan.missing)} variables. "
        f"It holds {_first(plan.left_out) or 'nothing'}; the network wants {_first(plan.missing)}.",
        next_step=advice or "Use a checkpoint of this network with slim's variable names.",
    )


def _advise(checkpoint_shapes: Mapping[str, Sequence[int]], graph_shapes: Mapping[str, Sequence[int]]) -> str | None:
    found, asked = guess_network(checkpoint_shapes), guess_network(graph_shapes)
    if found is None or found == asked or not found.options(asked):
        return None  # of a network unknown to us, or of the very one that was asked for
    return f"The checkpoint looks like {found.title}: set {found.options(asked)}."


def _require_scopes(scopes: Iterable[str], names: Iterable[str]) -> None:
    names = list(names)
    for scope in scopes:
        if not any(_lies_under(name, [scope]) for name in names):
            raise CheckpointError(
                f"backbone.exclude_scopes names {scope!r}, and no variable lies under it.",
                choices=sorted({"/".join(name.split("/")[:2]) for name in names if "/" in name}),
            )


def _lies_under(name: str, scopes: Iterable[str]) -> bool:
    return any(name == scope or name.startswith(scope.rstrip("/") + "/") for scope in scopes)


def _first(names: Sequence[str]) -> str:
    more = len(names) - _NAMES_IN_ERROR
    return ", ".join(names[:_NAMES_IN_ERROR]) + (f" and {more} more" if more > 0 else "")


def _examples(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f" ({names[0]}{', ...' if len(names) > 1 else ''})"
