"""The flags of label_image.py and classify_image.py."""

from __future__ import annotations

from graphcore.compat.flag import Flag, Script

CONTENTS = "DecodeJpeg/contents"
"""Where graphs of retrain.py, of the Inception of 2015 and of graphcore take the bytes of a picture."""

LABEL_IMAGE = Script(
    "label_image",
    "Print the five best classes of a picture by any frozen graph, as label_image.py did.",
    "--image new.jpg --graph /tmp/output_graph.pb --labels /tmp/output_labels.txt",
    (
        Flag("image", str, "tf_files/flower_photos/daisy/3475870145_685a19116d.jpg", "the picture, of any "
             "common format"),
        Flag("graph", str, "tf_files/retrained_graph.pb", "the frozen graph"),
        Flag("labels", str, "tf_files/retrained_labels.txt", "the class names, a line each; not given: labels.txt "
             "beside the graph, where there is one"),
        Flag("input_height", int, 224, "pixels; not given: as the graph says, or else 224", least=1),
        Flag("input_width", int, 224, "pixels; not given: as the graph says, or else 224", least=1),
        Flag("input_mean", float, 128.0, "taken off every value",
             did="took a 0 for not given", now="a 0 is a 0"),
        Flag("input_std", float, 128.0, "what values are divided by, not 0"),
        Flag("input_layer", str, None, f"the input's node; not given: {CONTENTS}, or the first pixels' that is there"),
        Flag("output_layer", str, None, "the output's node; not given: final_result, softmax or what slim calls it"),
    ),
    takes_options=False,
)  # fmt: skip

CLASSIFY_IMAGE = Script(
    "classify_image",
    "Print what the Inception network of 2015 sees in a picture, as classify_image.py did.",
    "--model_dir inception-2015-12-05 --image_file new.jpg",
    (
        Flag("model_dir", str, "/tmp/imagenet", "the unpacked archive inception-2015-12-05.tgz: "
             "classify_image_graph_def.pb and two files of names",
             did="fetched the archive", now="it must be there"),
        Flag("image_file", str, "", "the picture; not given: cropped_panda.jpg of the archive"),
        Flag("num_top_predictions", int, 5, "how many names", least=1),
    ),
    takes_options=False,
)  # fmt: skip
