"""The flags of retrain.py, of TensorFlow for Poets and of TensorFlow Hub's image_retraining alike."""

from __future__ import annotations

from graphcore.compat.flag import Difference, Flag, Script, in_section

HUB_MODULE = "https://tfhub.dev/google/imagenet/inception_v3/feature_vector/1"
LEVELS = ("DEBUG", "INFO", "WARN", "ERROR", "FATAL")

_FILES = in_section(
    "Files:",
    (
        Flag("image_dir", str, "", "a folder per class", "dataset.dir"),
        Flag("output_graph", str, "/tmp/output_graph.pb", "the frozen graph",
             options="a copy of RUN/export/frozen_graph.pb"),
        Flag("output_labels", str, "/tmp/output_labels.txt", "the class names",
             options="a copy of RUN/export/labels.txt"),
        Flag("intermediate_output_graphs_dir", str, "/tmp/intermediate_graph/", "frozen graphs on the way",
             options="copies of RUN/export/intermediate",
             did="wrote each graph there when its step came",
             now="they are written in RUN/export/intermediate and copied there at the end"),
        Flag("intermediate_store_frequency", int, 0, "steps between them; 0: none", "export.every_steps", least=0),
        Flag("summaries_dir", str, "/tmp/retrain_logs", "TensorBoard's logs", options="a link there to RUN/summaries"),
        Flag("model_dir", str, "/tmp/imagenet", "the pretrained networks", options="backbone.checkpoint",
             did="fetched an archive into it when it was not there",
             now="weights that lie there are taken; else backbone.checkpoint=imagenet fetches them"),
        Flag("bottleneck_dir", str, "/tmp/bottleneck", "cached features", "backbone.features_dir",
             did="one text file a picture, found again by its path",
             now="one file a picture by its content, the weights and the preparation: nothing stale is used"),
        Flag("saved_model_dir", str, "", "a SavedModel; empty: none", options="export.formats, and a copy"),
        Flag("checkpoint_path", str, "/tmp/_retrain_checkpoint", "checkpoints of the training",
             options="a link there to RUN/checkpoints",
             did="was the prefix of the files of one checkpoint",
             now="it is a folder with the best head, the backbone and what resuming needs"),
        Flag("logging_verbosity", str, "INFO", "how much is written down", options="the level of RUN/train.log",
             choices=LEVELS, did="filtered the screen", now="it filters RUN/train.log; the screen has progress only"),
    ),
)  # fmt: skip
_TRAINING = in_section(
    "Training:",
    (
        Flag("how_many_training_steps", int, 4000, "steps", "trainer.steps", least=1),
        Flag("learning_rate", float, 0.01, "of plain gradient descent", "optimizer.learning_rate"),
        Flag("testing_percentage", int, 10, "share of test pictures", "split.test", least=0),
        Flag("validation_percentage", int, 10, "share of validation pictures", "split.validation", least=0),
        Flag("eval_step_interval", int, 10, "steps between evaluations", "trainer.eval_every_steps", least=1),
        Flag("train_batch_size", int, 100, "pictures a step", "trainer.batch_size", least=1),
        Flag("validation_batch_size", int, 100, "validation pictures an evaluation",
             did="evaluated on a random handful each time", now="every evaluation takes the whole split, each once"),
        Flag("test_batch_size", int, -1, "test pictures; -1: all of them",
             did="tested on a random handful, unless -1", now="the test takes the whole split, each picture once"),
        Flag("print_misclassified_test_images", bool, False, "print the names of test pictures that are got wrong",
             options="test.show_mistakes"),
        Flag("final_tensor_name", str, "final_result", "the graph's output", "export.output_name"),
    ),
)  # fmt: skip
_VIEWS = "every picture is changed in augment.views ways once, and the features of all of them are cached"
_CHANGES = in_section(
    "Changes to training pictures:",
    (
        Flag("flip_left_right", bool, False, "mirror half of them", options="augment.flip_left_right",
             did="computed new features at every step", now=_VIEWS),
        Flag("random_crop", int, 0, "percent of margin around the crop box", options="augment.random_crop", least=0,
             did="computed new features at every step", now=_VIEWS),
        Flag("random_scale", int, 0, "percent to scale up by, at most", options="augment.random_scale", least=0,
             did="computed new features at every step", now=_VIEWS),
        Flag("random_brightness", int, 0, "percent to brighten or darken by", options="augment.random_brightness",
             least=0, did="computed new features at every step", now=_VIEWS),
    ),
)  # fmt: skip
_NETWORK = in_section(
    "Network:",
    (
        Flag("architecture", str, "inception_v3", "inception_v3, or mobilenet_<1.0|0.75|0.50|0.25>_<224|192|160|128>, "
             "perhaps with _quantized", options="backbone, backbone.width, backbone.image_size"),
        Flag("tfhub_module", str, HUB_MODULE, "a module of features on tfhub.dev, instead of architecture",
             options="backbone, backbone.width, backbone.image_size",
             did="loaded the module", now="graphcore builds the network of that name, with slim's released weights"),
    ),
)  # fmt: skip

RETRAIN = Script(
    "retrain",
    "Train a new last layer on a folder of pictures per class, as retrain.py did.",
    "--image_dir photos --architecture mobilenet_0.50_160",
    (*_FILES, *_TRAINING, *_CHANGES, *_NETWORK),
)

ALWAYS = (
    Difference("", "split by a hash of the path", "by a hash of each picture's content: a moved folder, a renamed or a "
               "twice named picture changes nothing"),
    Difference("", "drew the training batch's class first, every class alike", "pictures are drawn as they come "
               "(trainer.sampling=natural; uniform is the old way)"),
    Difference("", "lower-cased class names and took out signs", "names are those of the folders, to the letter"),
    Difference("", "took .jpg alone, and ended at the first damaged one", "PNG, WebP, BMP, GIF and TIFF too; damaged "
               "ones are named in rejected.csv and left out"),
    Difference("", "kept the weights of the last step", "those of the evaluation that was best on validation"),
    Difference("", "squeezed the whole picture into the network's square", "its central part (87.5 % of each side) is "
               "looked at, as the networks were tested; backbone=graph has backbone.crop_fraction for it"),
    Difference("", "decoded in training and in classifying by two ways", "one way, which is in the frozen graph: "
               "DecodeJpeg/contents:0 takes a file's bytes"),
    Difference("", "removed --summaries_dir first", "nothing is removed; each run has a link of its own there"),
    Difference("", "overwrote its outputs as it went", "each is replaced in one step, when the training is done"),
)  # fmt: skip
MOBILENET = Difference(
    "--architecture", "gave the last layer MobileNet's 1001 ImageNet scores", "it gets the pooled features"
)
QUANTIZED = Difference("--architecture", "took weights of 8 bits", "the network's float weights are taken, and the "
                       "graph is one of floats")  # fmt: skip
