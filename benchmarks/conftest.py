"""What all benchmarks share: the table of goals at the end of a run, and what the JSON keeps of it."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from benchmarks.measuring import GOALS
from benchmarks.table import list_goals, show_goals


def pytest_benchmark_update_json(config: Any, benchmarks: Any, output_json: dict[str, Any]) -> None:
    """Leaves single rounds out and says what it ran on."""
    for benchmark in output_json["benchmarks"]:
        benchmark["stats"].pop("data", None)
        benchmark.pop("options", None)
    output_json["machine_info"] = describe_machine()


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    """Shows how each goal stands."""
    session = getattr(config, "_benchmarksession", None)
    found = [{"extra_info": each.extra_info} for each in session.benchmarks] if session else []
    if any(GOALS in each["extra_info"] for each in found):
        terminalreporter.section("goals")
        for line in show_goals(list_goals(found)):
            terminalreporter.write_line(line)


def describe_machine() -> dict[str, Any]:
    """The machine, without its name."""
    from importlib.metadata import version

    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    processor = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    packages = ("tensorflow", "tf-slim", "numpy", "keras", "simplejpeg", "av")
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "processor": processor or platform.processor(),
        "machine": platform.machine(),
        "system": platform.system(),
        "python_version": platform.python_version(),
        "packages": {name: version(name) for name in packages},
    }
