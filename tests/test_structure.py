"""The plan of the house, held: a datum goes one way, and TensorFlow stays where it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import graphcore

ROOT = Path(__file__).parents[1]

# Left to right; a package imports what stands before it, and the common modules.
ORDER = [
    "sources",
    "splits",
    "conversion",
    "convert",
    "audit",
    "graph",
    "layers",
    "nets",
    "inputs",
    "features",
    "timelines",
    "heads",
    "training",
    "evaluation",
    "export",
    "inference",
    "comparison",
    "sweep",
    "evaluate",
    "compare",
    "predict",
    "train",
    "tensorboard",
    "compat",
]
COMMON = {
    *("errors", "atomic", "console", "config", "storage", "assets"),
    *("borrowing", "command", "composing", "explaining", "guessing", "natural_order", "nested_lists", "own_process"),
    *("composing_once", "stopping"),
}


def imports(path):
    """Every module a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it goes"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


def room(path):
    return path.relative_to(ROOT / "graphcore").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", modules("graphcore"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_package_imports_only_what_stands_before_it(path):
    here = room(path)
    if here == "__init__":
        return  # it loads names from everywhere, when they are used
    if here in COMMON:
        allowed = COMMON
    else:
        assert here in ORDER, f"{path}: a room that is not in the plan"
        allowed = COMMON | set(ORDER[: ORDER.index(here) + 1])
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "graphcore" and len(parts) > 1 and not parts[1].startswith("__"):
            assert parts[1] in allowed, f"{path} imports {name}, which stands to its right"


@pytest.mark.parametrize("path", modules("tfrecords"), ids=lambda path: str(path.relative_to(ROOT)))
def test_tfrecords_knows_neither_tensorflow_nor_graphcore(path):
    assert not [name for name in imports(path) if name.split(".")[0] in ("tensorflow", "graphcore", "tf_slim")]


def test_only_the_runtime_imports_tensorflow_and_only_slim_compat_patches_tf_slim():
    importers = {
        str(path.relative_to(ROOT))
        for path in modules("graphcore")
        if any(name.split(".")[0] == "tensorflow" for name in imports(path))
    }
    allowed = {"graph/runtime.py", "graph/freeze.py", "graph/inline.py", "layers/slim_compat.py"}
    assert importers <= {f"graphcore/{path}" for path in allowed}


def test_importing_graphcore_costs_nothing():
    heavy = {"tensorflow", "numpy", "hydra", "rich"}
    program = f"import sys, graphcore; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_every_name_that_graphcore_offers_loads():
    for name in graphcore.__all__:
        assert getattr(graphcore, name).__name__ == name


def test_nothing_in_the_project_names_a_path_of_one_machine():
    kept = [path for path in ROOT.rglob("*") if path.suffix in {".py", ".md", ".yaml", ".toml"}]
    for path in kept:
        inside = path.relative_to(ROOT).parts
        if inside[0].startswith(".") or inside[0] in ("data", "runs", "build", "dist"):
            continue
        assert "/work/" not in path.read_text().replace("/work/'", "") or path == Path(__file__), path
