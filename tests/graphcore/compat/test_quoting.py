from __future__ import annotations

import shlex

import hydra
import pytest

from graphcore.compat.quoting import make_override, write_command
from graphcore.composing import CONF_DIR

HARD = (
    *("photos", "/tmp/my photos", "a=b", "5", "1e3", "true", "null", "nan", "it's", 'say "so"', "a\\b", "end\\"),
    *('mix\\"', "${seed}", "{a}", "[a]", "a,b", "#", "ü/ß", "-x", "~x", "10.0", "1_000", "C:\\a b\\", "a:b"),
)


@pytest.mark.parametrize("text", HARD)
def test_hydra_reads_any_text_as_it_was_meant(text):
    with hydra.initialize_config_dir(config_dir=str(CONF_DIR), version_base="1.3"):
        composed = hydra.compose("config", overrides=[make_override("dataset.dir", text)])
    assert composed.dataset.dir == text
    assert isinstance(composed.dataset.dir, str)


def test_other_values_are_written_as_hydra_has_them():
    assert make_override("a", None) == "a=null"
    assert make_override("a", True) == "a=true"
    assert make_override("a", 4e-5) == "a=4e-05"
    assert make_override("a", 500) == "a=500"
    assert make_override("a", ["MobilenetV1/Conv2d_0", "x y"]) == 'a=[MobilenetV1/Conv2d_0,"x y"]'
    assert make_override("a", "runs/photos") == "a=runs/photos"


def test_a_shell_gives_the_arguments_back():
    arguments = ["dataset=image_folder", make_override("dataset.dir", "my 'photos'"), "a=[b,c]"]
    written = write_command("train", arguments, {"CUDA_VISIBLE_DEVICES": "-1"})
    assert written.startswith("CUDA_VISIBLE_DEVICES=-1 train \\\n    dataset=image_folder \\\n    ")
    assert shlex.split(written.replace("\\\n", "")) == ["CUDA_VISIBLE_DEVICES=-1", "train", *arguments]
    assert write_command("train", ["a=b"], wrapped=False) == "train a=b"
