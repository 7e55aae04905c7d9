"""`python -m graphcore.tensorboard run=RUN`: what was written while a run trained, in a browser.

Only this machine can reach the page: it has no password, and shows the pictures that a run was trained on.
"""

from __future__ import annotations

import contextlib
import io
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from graphcore import console
from graphcore.command import run_command
from graphcore.config import TensorboardConfig
from graphcore.errors import ConfigError, RunError

HOST = "127.0.0.1"
_EVENTS = "events.out.tfevents.*"
# How many steps of a summary are shown at most; of pictures by default ten, chosen by chance.
_KEPT = "images=100,pr_curves=100"


def run_tensorboard(options: TensorboardConfig) -> None:
    """Shows what is asked for until Ctrl-C or SIGTERM, which is how one ends it: no mistake, status 0."""
    with contextlib.suppress(KeyboardInterrupt):
        with serve(Path(options.run), options.port) as address:
            console.say(f"TensorBoard shows {options.run} at {address} (on this machine only; Ctrl-C ends it)")
            if options.browser:
                webbrowser.open(address)
            threading.Event().wait()


@contextlib.contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[str]:
    """Serves the summaries below a folder while the block runs.

    Args:
        folder: a run, a sweep, or a folder of them.
        port: on the loopback address; 0 for any that is free.

    Yields:
        The page's address.

    Raises:
        RunError: there are no summaries.
        ConfigError: the port is taken, or TensorBoard is not installed.
    """
    logdir = choose_logdir(folder)
    program = _import_program()
    _refuse_taken(port)
    board = program.TensorBoard()
    board.configure(["", f"--logdir={logdir}", f"--host={HOST}", f"--port={port}", f"--samples_per_plugin={_KEPT}"])
    # It says on standard error that its fast reader is an experiment.
    with contextlib.redirect_stderr(io.StringIO()):
        address = board.launch()
    yield address


def choose_logdir(folder: Path) -> Path:
    """What TensorBoard is to be pointed at: a single run's summaries, so that lines are called "train" and not more.

    Raises:
        RunError: there is no such folder, or nothing in it was ever trained.
    """
    if not folder.is_dir():
        near = sorted(str(path.parent) for path in folder.parent.glob("*/summaries"))
        raise RunError(
            f"run={folder} is not a folder.",
            choices=near or None,
            next_step="Give the folder that `train` named at its end, or one above it.",
        )
    if next(folder.rglob(_EVENTS), None) is None:
        raise RunError(
            f"run={folder} has no summaries: nothing was trained there.",
            next_step="Give the folder that `train` named at its end, or one above it.",
        )
    summaries = folder / "summaries"
    return summaries if summaries.is_dir() else folder


def _import_program() -> Any:
    try:
        from tensorboard import program

        # Without it the projector imports TensorFlow, which takes seconds and prints; its own reader is enough.
        sys.modules.setdefault("tensorboard.compat.notf", ModuleType("tensorboard.compat.notf"))
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "tensorboard":
            raise
        raise ConfigError(
            "TensorBoard is not installed.", next_step="pip install 'graphcore[tensorboard]', then run this again."
        ) from error
    return program


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        # As servers do: a port that somebody has just left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ConfigError(
                f"port={port} cannot be had: {error.strerror}.",
                next_step=f"Give another, such as port={min(port + 1, 65_535)}, or port=0 for any that is free.",
            ) from error


def main() -> None:
    """Runs the command."""
    run_command(run_tensorboard, config_name="tensorboard", job="tensorboard")


if __name__ == "__main__":
    main()
