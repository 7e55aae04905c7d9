"""Each in a process of its own: what an import brings along shows in a fresh one only."""

import subprocess
import sys

import pytest


def run(program):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_neither_keras_nor_matplotlib_comes_along():
    program = "import sys\nfrom graphcore.graph import runtime\nprint({'keras', 'matplotlib'} & set(sys.modules))"
    assert run(program) == "set()"


def test_keras_loads_when_somebody_asks():
    program = (
        "from graphcore.graph.runtime import tf\n"
        "print(tf.keras.layers.Dense(3).units)\n"
        "import keras\nprint(keras.optimizers.SGD is tf.keras.optimizers.SGD)"
    )
    assert run(program) == "3\nTrue"


def test_keras_that_was_there_before_stays_the_same():
    program = (
        "import keras, sys\nbefore = sys.modules['keras.src.optimizers']\n"
        "from graphcore.graph import runtime\nprint(sys.modules['keras.src.optimizers'] is before)"
    )
    assert run(program) == "True"


@pytest.mark.parametrize("switch", ["enable", "disable"])
def test_garbage_collection_is_as_it_was(switch):
    program = f"import gc\ngc.{switch}()\nfrom graphcore.graph import runtime\nprint(gc.isenabled())"
    assert run(program) == str(switch == "enable")


def test_a_library_freezes_nothing_in_a_process_of_somebody_else():
    assert run("import gc\nfrom graphcore.graph import runtime\nprint(gc.get_freeze_count())") == "0"


def test_a_command_freezes_what_was_imported():
    program = (
        "import gc\nfrom graphcore import own_process\nown_process.take()\n"
        "from graphcore.graph import runtime\nprint(gc.get_freeze_count() > 100_000)"
    )
    assert run(program) == "True"
