"""How every command starts and ends: Hydra composes the options, one function is called, mistakes end with status 2.

Knows nothing of what the commands do, and imports nothing heavy, so that `--help` answers at once.
"""

from __future__ import annotations

import errno
import logging
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from graphcore import own_process, storage
from graphcore.borrowing import Borrowed, get_filler, set_apart
from graphcore.composing import find_config, to_options
from graphcore.composing_once import composing_once
from graphcore.console import say, show_error
from graphcore.errors import ConfigError, GraphcoreError
from graphcore.explaining import explain
from graphcore.stopping import terminable, unmasked
from tfrecords.errors import RecordsError

logger = logging.getLogger(__name__)

STATUS_MISTAKE = 2
STATUS_INTERRUPTED = 130
# In the folder of a sweep's job that failed: why.
FAILED_FILE = "failed.txt"

# What the surroundings did to us rather than a fault in the code: no traceback helps there.
_SURROUNDINGS = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE),
    errno.EIO,
    *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP),
}

_FLAGS_WITH_VALUE = (
    *("--cfg", "-c", "--package", "-p", "--shell-completion", "-sc", "--config-path", "-cp", "--config-name", "-cn"),
    *("--config-dir", "-cd", "--experimental-rerun"),
)

# Patterns of names, in whose braces Hydra would see a mapping.
_PATTERNS = ("dataset.pattern", "dataset.recordings")

# Hydra's own; anything else with two dashes is somebody's habit from other programs.
_FLAGS = (
    *("--help", "--hydra-help", "--version", "--cfg", "--resolve", "--package", "--run", "--multirun", "--info"),
    *("--shell-completion", "--config-path", "--config-name", "--config-dir", "--experimental-rerun"),
)

# Without it Python prints what nobody handles; where there is a log, Hydra's configuration adds it to the root.
logging.getLogger("graphcore").addHandler(logging.NullHandler())


class JobFailed(Exception):
    """A job of a sweep could not be done; why has been told, and the other jobs go on."""


class _Mistake(SystemExit):
    """The end of a command that was given something it cannot work with."""

    def __init__(self, message: str) -> None:
        super().__init__(STATUS_MISTAKE)
        self.message = message


class NoteSweep(Callback):
    """Notes where Hydra puts a sweep; conf/config.yaml names it, and Hydra calls it."""

    folder: Path | None = None

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Notes the folder before the first job."""
        NoteSweep.folder = Path(str(config.hydra.sweep.dir))


def run_command(
    function: Callable[[Any], Any],
    config_name: str = "config",
    job: str = "train",
    writes_run: bool = False,
    after_sweep: Callable[[Path], None] | None = None,
    borrowed: Borrowed | None = None,
) -> None:
    """Runs one command as the process's main job and leaves the process on a mistake.

    Args:
        function: called with the composed options as an object of `graphcore.config`; what it returns is the
            objective of a sweep.
        config_name: the YAML under `conf/` to compose.
        job: the command's name, for messages.
        writes_run: whether Hydra makes a run folder; the other commands leave no trace but what they are asked for.
        after_sweep: called with the folder of a sweep once its jobs have ended, well or not.
        borrowed: a group of the main configuration that the command takes too.
    """
    own_process.take()
    # Hydra would print its own message and end with status 1; with this it hands the exception over.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    if not writes_run:
        sys.argv += ["hydra.run.dir=.", "hydra.output_subdir=null", "hydra/job_logging=none"]

    sys.argv[1:] = [quote_pattern(argument) for argument in sys.argv[1:]]
    sys.argv[1:] = put_flags_first(sys.argv[1:])
    of_group: list[str] = []
    if borrowed is not None:
        sys.argv[1:], of_group = set_apart(sys.argv[1:], borrowed.group)
    begun = False

    def task(composed: DictConfig) -> Any:
        nonlocal begun
        begun = True
        return _run_task(lambda: function(to_options(fill(composed), config_name)), writes_run)

    main = hydra.main(version_base="1.3", config_path=str(find_config(config_name)), config_name=config_name)(task)
    try:
        _refuse_flags(sys.argv[1:])
        with terminable():  # here too: a sweep spends part of its time between its jobs
            fill = get_filler(borrowed, of_group)
            try:
                with unmasked():
                    composing_once()(main)()
            finally:
                if after_sweep is not None and NoteSweep.folder is not None:
                    after_sweep(NoteSweep.folder)
        if NoteSweep.folder is not None and any(NoteSweep.folder.glob(f"*/{FAILED_FILE}")):
            sys.exit(STATUS_MISTAKE)
    except JobFailed:
        sys.exit(STATUS_MISTAKE)
    except KeyboardInterrupt:
        folder = NoteSweep.folder
        raise _interrupted(f" with hydra.sweep.dir={_shorten(str(folder))}" if folder else "") from None
    except (HydraException, OmegaConfBaseException, ConfigError) as error:
        logger.debug("options refused", exc_info=True)
        show_error(explain(error, config_name, sys.argv[1:]) + f"\nSee all options: {_program(job)} --help")
        sys.exit(STATUS_MISTAKE)
    except BrokenPipeError:
        # The reader has gone (`... | head`). Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(STATUS_MISTAKE)
    except OSError as error:
        if begun:
            raise
        # Nothing of ours has run yet: it is Hydra, which makes the run's folder and its log.
        show_error(f"hydra.run.dir={error.filename} cannot be made: {error.strerror}.\nGive another hydra.run.dir.")
        sys.exit(STATUS_MISTAKE)


def _run_task(action: Callable[[], Any], writes_run: bool) -> Any:
    """One job: its mistakes end the process, or, in a sweep, this job alone."""
    hydra_config = HydraConfig.get()
    again = f" with hydra.run.dir={_shorten(hydra_config.runtime.output_dir)}" if writes_run else ""
    if hydra_config.mode != RunMode.MULTIRUN:
        return guard(action, again)
    folder = Path(hydra_config.runtime.output_dir)
    say(f"Job {hydra_config.job.num}: {', '.join(hydra_config.overrides.task)}")
    failed = folder / FAILED_FILE
    failed.unlink(missing_ok=True)
    try:
        return guard(action, f" with hydra.sweep.dir={_shorten(hydra_config.sweep.dir)}")
    except _Mistake as mistake:
        failed.write_text(mistake.message + "\n", "utf-8")
        if hydra_config.sweeper._target_.endswith("BasicSweeper"):
            return math.nan
        # A sweeper that learns from results must hear that this one is none.
        raise JobFailed(mistake.message) from None
    except Exception as error:
        failed.write_text(f"{type(error).__name__}: {error}\n", "utf-8")
        logger.exception("the job failed")
        raise


def is_sweep() -> bool:
    """Whether the job under way is one of several."""
    return HydraConfig.initialized() and HydraConfig.get().mode == RunMode.MULTIRUN


def _shorten(folder: str) -> str:
    """The folder as a person here would name it; Hydra hands out absolute paths."""
    return os.path.relpath(folder) if Path(folder).is_relative_to(Path.cwd()) else folder


def quote_pattern(argument: str) -> str:
    """Quotes a pattern of names as Hydra wants it, such as `dataset.recordings={subject}_{chapter}`.

    Braces mean a mapping to Hydra, and nobody who is asked for a pattern thinks of one.
    """
    option, equals, value = argument.partition("=")
    if option not in _PATTERNS or not equals or not re.search(r"\{[a-z]+(:\d+)?\}", value) or value[0] in "'\"":
        return argument
    return argument if '"' in value else f'{option}="{value}"'


def put_flags_first(arguments: Sequence[str]) -> list[str]:
    """Flags and their values before the options: argparse takes no options on both sides of a flag."""
    flags, options, waiting = [], [], False
    for argument in arguments:
        is_flag = argument.startswith("-")
        (flags if is_flag or waiting else options).append(argument)
        waiting = is_flag and argument in _FLAGS_WITH_VALUE
    return [*flags, *options]


def _refuse_flags(arguments: list[str]) -> None:
    """argparse would print Hydra's usage, which says nothing of how options are written here."""
    for argument in arguments:
        flag, _, value = argument.partition("=")
        if flag.startswith("--") and not any(known.startswith(flag) for known in _FLAGS):
            raise ConfigError(
                f"There is no {flag}: options are written without dashes, as name=value.",
                next_step=f"Did you mean {flag.lstrip('-').replace('-', '_')}={value or '...'}?",
            )


def guard(action: Callable[[], Any], again: str = "") -> Any:
    """Calls `action`; a mistake of the user's is printed and ends the process with status 2.

    Args:
        action: what to do.
        again: what to add to the same command so that it goes on where it was interrupted.
    """
    try:
        with storage.explaining(), terminable():  # what a store raises where nobody expected it
            return action()
    except (GraphcoreError, RecordsError) as error:
        logger.error("%s", error)
        logger.debug("where it came from", exc_info=True)
        raise _tell(str(error)) from None
    except OSError as error:
        if error.errno not in _SURROUNDINGS:
            raise
        logger.exception("the system refused")
        # Of two names the second is the one that was asked for; the first is our own temporary file.
        where = error.filename2 or error.filename or "The system"
        remedy = "make room" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "mend it"
        message = f"{where}: {error.strerror}.\nFinished files are intact; {remedy} and run the command again."
        raise _tell(message) from None
    except Exception as error:
        if not _is_out_of_memory(error):
            raise
        logger.exception("out of memory")
        raise _tell(
            "There is not enough memory for this.\nLower trainer.batch_size, backbone.batch_size or "
            "backbone.image_size, or choose a smaller network."
        ) from None
    except KeyboardInterrupt:
        raise _interrupted(again) from None


def _is_out_of_memory(error: Exception) -> bool:
    """TensorFlow's own exception is known by its name: to import it here would take seconds."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def _interrupted(again: str) -> SystemExit:
    show_error(f"Interrupted. Run the same command again{again} to go on.")
    return SystemExit(STATUS_INTERRUPTED)


def _tell(message: str) -> _Mistake:
    show_error(message)
    return _Mistake(message)


def _program(job: str) -> str:
    return "train" if job == "train" else f"python -m graphcore.{job}"
