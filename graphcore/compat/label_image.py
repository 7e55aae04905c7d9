"""`python -m graphcore.compat.label_image --image A.jpg --graph G.pb --labels L.txt`: a picture's five best classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from graphcore.compat.flag import Given
from graphcore.compat.label_flags import LABEL_IMAGE
from graphcore.compat.plan import tell_given
from graphcore.compat.quoting import make_override, write_command
from graphcore.compat.start import start
from graphcore.errors import ConfigError, InputError

if TYPE_CHECKING:
    from graphcore.compat.foreign_graph import ForeignGraph, Pixels

TOP = 5
_OF_PIXELS = ("input_height", "input_width", "input_mean", "input_std")
_BESIDE = "labels.txt"


def choose_labels(given: Given) -> Path:
    """The file of class names: as given, or that beside the graph where none was."""
    beside = Path(given["graph"]).with_name(_BESIDE)
    return beside if "labels" not in given and beside.is_file() else Path(given["labels"])


def choose_pixels(given: Given, graph: ForeignGraph) -> Pixels | None:
    """How the picture is prepared; None where the graph does that itself.

    Raises:
        ConfigError: the graph takes encoded pictures and a size or range is given.
    """
    from graphcore.compat.foreign_graph import Pixels

    if graph.is_encoded:
        asked = [f"--{flag}" for flag in _OF_PIXELS if flag in given]
        if asked:
            raise ConfigError(
                f"--input_layer={graph.input_layer} takes encoded pictures: {', '.join(asked)} can do nothing.",
                next_step="Name the node that takes pixels, such as --input_layer=input.",
            )
        return None
    height, width = graph.side or (given["input_height"], given["input_width"])
    height, width = given.or_else("input_height", height), given.or_else("input_width", width)
    return Pixels(height, width, given["input_mean"], given["input_std"])


def run_label_image(given: Given) -> None:
    """Runs the graph on the picture and prints the best classes and the time.

    Raises:
        GraphcoreError: flags, a graph, class names or a picture that cannot be worked with.
    """
    if not given["input_std"]:
        raise ConfigError("--input_std=0 cannot be divided by.", next_step="Give what 1.0 stands for, such as 128.")
    labels = read_label_lines(choose_labels(given))

    from graphcore.compat.foreign_graph import open_graph
    from graphcore.inference.classifier import top_classes

    wants_pixels = any(flag in given for flag in _OF_PIXELS)
    graph = open_graph(Path(given["graph"]), given["input_layer"], given["output_layer"], wants_pixels)
    _tell(given, graph)
    scores, seconds = graph.run(Path(given["image"]), choose_pixels(given, graph))
    if len(labels) != len(scores):
        raise InputError(
            f"{choose_labels(given)} has {len(labels)} names, and the graph gives {len(scores)} scores.",
            next_step="Give the file that was written with the graph: --labels=FILE.",
        )
    print(f"\nEvaluation time (1-image): {seconds:.3f}s\n")
    for label, score in top_classes(scores, labels, TOP):
        print(f"{label} (score={score:0.5f})")


def read_label_lines(path: Path) -> list[str]:
    """Class names, a line each.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        return [line.rstrip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(
            f"--labels={path} cannot be read: {reason}.", next_step="Give the file of class names: --labels=FILE."
        ) from None


def _tell(given: Given, graph: ForeignGraph) -> None:
    """The command that does the same, where one does, and what differs; on standard error, scores being output."""
    from graphcore.console import say

    if graph.is_encoded and choose_labels(given) == Path(given["graph"]).with_name(_BESIDE):
        options = [make_override("run", given["graph"]), make_override("inputs", [given["image"]])]
        say(f"The same with graphcore: {write_command('python -m graphcore.predict', options, wrapped=False)}")
    if graph.is_encoded:
        say(f"The picture goes in at {graph.input_layer}, and is prepared inside the graph.")
    told = tell_given(given, LABEL_IMAGE) if not given["input_mean"] else ()
    for difference in told:
        say(f"{difference.flag}: the script {difference.did}; {difference.now}.")


def main() -> None:
    """Runs the command."""
    start(LABEL_IMAGE, run_label_image)


if __name__ == "__main__":
    main()
