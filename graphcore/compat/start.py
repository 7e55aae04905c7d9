"""How every classic command line starts: `--help` at once, mistakes with status 2 and without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable

from graphcore.compat.flag import Given, Script
from graphcore.compat.parse import HELP, parse_flags
from graphcore.compat.show import write_help


def start(script: Script, run: Callable[[Given], None]) -> None:
    """Reads this process's command line and does what it says.

    Args:
        script: whose flags they are.
        run: does it.
    """
    if any(argument in HELP for argument in sys.argv[1:]):
        print(write_help(script))
        return
    from graphcore.command import guard

    guard(lambda: run(parse_flags(sys.argv[1:], script)))
