from __future__ import annotations

import pytest

from graphcore.compat.export_inference_graph import EXPORT, count_classes, run_export
from graphcore.compat.parse import parse_flags
from graphcore.errors import ConfigError


def parse(*arguments):
    return parse_flags(arguments, EXPORT)


def test_the_number_of_classes_is_the_data_sets_less_the_offset(tmp_path):
    assert count_classes(parse()) == 1001
    assert count_classes(parse("--labels_offset=1")) == 1000
    assert count_classes(parse("--dataset_name=flowers")) == 5
    (tmp_path / "labels.txt").write_text("0:a\n1:b\n2:c\n")
    assert count_classes(parse("--dataset_name=mine", f"--dataset_dir={tmp_path}")) == 3
    with pytest.raises(ConfigError, match=r"--dataset_name=mine is not known(.|\n)*labels\.txt"):
        count_classes(parse("--dataset_name=mine"))
    with pytest.raises(ConfigError, match="leaves none of the 5"):
        count_classes(parse("--dataset_name=flowers", "--labels_offset=5"))


def test_the_graph_has_slims_names_and_the_sizes_that_were_asked_for(tmp_path):
    from graphcore.graph.runtime import tf1

    output = tmp_path / "graph.pb"
    flags = ("--model_name=mobilenet_v1_025", "--image_size=128", "--batch_size=2", "--dataset_name=flowers")
    run_export(parse(*flags, f"--output_file={output}"))
    nodes = {node.name: node for node in tf1.GraphDef.FromString(output.read_bytes()).node}
    assert [dim.size for dim in nodes["input"].attr["shape"].shape.dim] == [2, 128, 128, 3]
    weights = nodes["MobilenetV1/Logits/Conv2d_1c_1x1/weights"]
    assert [dim.size for dim in weights.attr["shape"].shape.dim] == [1, 1, 256, 5]
    run_export(parse(*flags, f"--output_file={output}", "--write_text_graphdef"))
    assert output.read_text().startswith("node {")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "--output_file is not given"),
        (("--output_file=a.pb", "--model_name=lenet"), "does not build"),
    ],
)
def test_what_cannot_be_is_refused(arguments, problem):
    with pytest.raises(ConfigError, match=problem):
        run_export(parse(*arguments))


@pytest.mark.parametrize("flag", ["quantize", "is_training", "is_video_model", "use_grayscale"])
def test_what_is_gone_is_refused_by_name(flag):
    with pytest.raises(ConfigError, match=f"--{flag}=true cannot be had"):
        parse(f"--{flag}")
