"""`python -m graphcore.compat.classify_image --model_dir DIR --image_file A.jpg`: ImageNet's names by the Inception of
2015."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from graphcore.compat.flag import Given
from graphcore.compat.label_flags import CLASSIFY_IMAGE, CONTENTS
from graphcore.compat.plan import tell_given
from graphcore.compat.start import start
from graphcore.errors import InputError

GRAPH = "classify_image_graph_def.pb"
NUMBERS = "imagenet_2012_challenge_label_map_proto.pbtxt"
NAMES = "imagenet_synset_to_human_label_map.txt"
_PANDA = "cropped_panda.jpg"
_OUTPUT = "softmax"

_ENTRY = re.compile(r"target_class:\s*(\d{1,9})\s*target_class_string:\s*\"(n\d+)\"")


def read_node_names(folder: Path) -> dict[int, str]:
    """The network's human-readable classes by their numbers.

    Raises:
        InputError: the files are missing or name nothing.
    """
    numbers, names = _read(folder / NUMBERS), _read(folder / NAMES)
    human = {synset: name for synset, _, name in (line.partition("\t") for line in names.splitlines())}
    found = {int(number): (human.get(synset) or synset).strip() for number, synset in _ENTRY.findall(numbers)}
    if not found:
        raise InputError(f"{folder / NUMBERS} names no class.", next_step="Unpack inception-2015-12-05.tgz again.")
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(
            f"{path} cannot be read: {reason}.",
            next_step="Unpack http://download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz there, or "
            "give another --model_dir.",
        ) from None


def name_best(scores: Sequence[float], names: Mapping[int, str], most: int) -> list[tuple[str, float]]:
    """The best classes of one picture, best first; those without a name have an empty one, as the script had it."""
    order = sorted(range(len(scores)), key=lambda number: (-scores[number], number))[:most]
    return [(names.get(number, ""), float(scores[number])) for number in order]


def run_classify_image(given: Given) -> None:
    """Runs the network on the picture and prints the best names.

    Raises:
        GraphcoreError: flags, a network or a picture that cannot be worked with.
    """
    folder = Path(given["model_dir"])
    names = read_node_names(folder)

    from graphcore.compat.foreign_graph import open_graph
    from graphcore.console import say

    for difference in tell_given(given, CLASSIFY_IMAGE):
        say(f"{difference.flag}: the script {difference.did}; {difference.now}.")
    graph = open_graph(folder / GRAPH, CONTENTS, _OUTPUT, wants_pixels=False)
    scores, _ = graph.run(Path(given["image_file"] or folder / _PANDA), None)
    for name, score in name_best(scores.tolist(), names, given["num_top_predictions"]):
        print(f"{name} (score = {score:.5f})")


def main() -> None:
    """Runs the command."""
    start(CLASSIFY_IMAGE, run_classify_image)


if __name__ == "__main__":
    main()
