"""`python -m graphcore.compat.export_inference_graph --model_name M --output_file F.pb`: a network without weights.

As slim's script had it: variables by slim's names, to be frozen with any checkpoint of that network. A trained run is
exported by `python -m graphcore.export`.
"""

from __future__ import annotations

from pathlib import Path

from graphcore.compat.flag import Flag, Given, Script
from graphcore.compat.plan import tell_given
from graphcore.compat.products import Product, check_products
from graphcore.compat.slim_models import find_model
from graphcore.compat.start import start
from graphcore.errors import ConfigError

# Classes of slim's own data sets, background included where it is a class.
_CLASSES = {"imagenet": 1001, "flowers": 5, "mnist": 10, "cifar10": 10, "visualwakewords": 2}
_LABELS = "labels.txt"

EXPORT = Script(
    "export_inference_graph",
    "Write a network's graph without weights, as slim's export_inference_graph.py did.",
    "--model_name mobilenet_v1_050 --image_size 160 --output_file graph.pb",
    (
        Flag("model_name", str, "inception_v3", "the network"),
        Flag("is_training", bool, False, "as it is in training",
             refused="training's graphs are made by train; this is the one for inference"),
        Flag("image_size", int, None, "pixels; not given: the network's own", least=8),
        Flag("default_image_size", int, 224, "pixels where the network has no size of its own", least=8,
             did="was taken for networks without a size", now="does nothing: every network here has one"),
        Flag("batch_size", int, None, "pictures a batch; not given: any", least=1),
        Flag("dataset_name", str, "imagenet", f"decides the number of classes ({', '.join(_CLASSES)}), or a name with "
             "labels.txt in dataset_dir"),
        Flag("dataset_dir", str, "", f"where {_LABELS} tells the classes of other sets"),
        Flag("labels_offset", int, 0, "taken off the number of classes", least=0),
        Flag("output_file", str, "", "the graph"),
        Flag("quantize", bool, False, "for 8 bits", refused="contrib.quantize of TensorFlow 1 is gone"),
        Flag("is_video_model", bool, False, "a network of videos", refused="graphcore builds none"),
        Flag("num_frames", int, None, "of a video",
             did="was for networks of videos", now="does nothing: graphcore builds none"),
        Flag("write_text_graphdef", bool, False, "as text"),
        Flag("use_grayscale", bool, False, "one channel",
             refused="networks here take three channels; backbone.grayscale turns pictures grey before them"),
        Flag("final_endpoint", str, None, "the layer to end with"),
    ),
    takes_options=False,
)  # fmt: skip


def count_classes(given: Given) -> int:
    """The number of classes, as slim's data sets have it.

    Raises:
        ConfigError: the data set is not known.
    """
    from graphcore.sources.class_numbers import read_class_numbers

    path = Path(given["dataset_dir"]) / _LABELS
    if given["dataset_dir"] and path.is_file():
        classes = len(read_class_numbers(path))
    elif given["dataset_name"] in _CLASSES:
        classes = _CLASSES[given["dataset_name"]]
    else:
        raise ConfigError(
            f"--dataset_name={given['dataset_name']} is not known.",
            choices=_CLASSES,
            next_step=f"Or give --dataset_dir=DIR with a {_LABELS} in it.",
        )
    if classes <= given["labels_offset"]:
        raise ConfigError(f"--labels_offset={given['labels_offset']} leaves none of the {classes} classes.")
    return classes - given["labels_offset"]


def run_export(given: Given) -> None:
    """Builds the network and writes its graph.

    Raises:
        GraphcoreError: flags that cannot be worked with.
    """
    if not given["output_file"]:
        raise ConfigError("--output_file is not given.", next_step="Add --output_file=graph.pb.")
    model, classes = find_model(given["model_name"]), count_classes(given)
    output = Path(given["output_file"])
    check_products([Product("output_file", "", output)])

    from graphcore import atomic
    from graphcore.console import say
    from graphcore.graph.runtime import tf, tf1
    from graphcore.nets.factory import get_backbone

    for difference in tell_given(given, EXPORT):
        say(f"{difference.flag}: the script {difference.did}; {difference.now}.")
    size = given["image_size"] or model.image_size
    backbone = get_backbone(model.backbone, model.width or 1.0, size, given["final_endpoint"])
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [given["batch_size"], size, size, 3], name="input")
        output_tensor, _ = backbone.build(images, num_classes=None if given["final_endpoint"] else classes)
    definition = graph.as_graph_def()
    is_text = given["write_text_graphdef"]
    atomic.write_bytes(output, str(definition).encode() if is_text else definition.SerializeToString())
    say(f"Wrote {output}: input:0 to {output_tensor.name}, without weights.")
    say("A trained run with its weights: python -m graphcore.export run=RUN")


def main() -> None:
    """Runs the command."""
    start(EXPORT, run_export)


if __name__ == "__main__":
    main()
