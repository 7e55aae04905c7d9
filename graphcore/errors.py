"""Mistakes of the person at the keyboard, told so that they can be mended.

Every error a user can cause is a leaf of `GraphcoreError`; the commands print it without a traceback and end with
status 2. Anything else that escapes is a fault of ours and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable


class GraphcoreError(Exception):
    """A mistake of the user's: what is wrong, what would be right, what to do next."""

    def __init__(self, problem: str, *, choices: Iterable[str] | None = None, next_step: str | None = None) -> None:
        """Builds the message.

        Args:
            problem: one sentence that names the bad value.
            choices: the valid values, listed after the problem.
            next_step: what to do now, as a sentence or a command.
        """
        parts = [problem]
        if choices is not None:
            parts.append("Choices: " + (", ".join(choices) or "none") + ".")
        if next_step:
            parts.append(next_step)
        super().__init__("\n".join(parts))


class ConfigError(GraphcoreError):
    """An option with a value it cannot take."""


class DatasetError(GraphcoreError):
    """Inputs, annotations or splits that cannot be turned into a dataset."""


class CheckpointError(GraphcoreError):
    """Weights that are missing, unreadable or of another network."""


class RunError(GraphcoreError):
    """A run that is missing, unfinished, or that cannot go on."""


class InputError(GraphcoreError):
    """Pictures, videos or graphs handed to a finished classifier that it cannot take."""
