"""The flags of slim's eval_image_classifier."""

from __future__ import annotations

from graphcore.compat.flag import Difference, Flag, Script

_OF_RUN = "it must be what the run was trained with"
_RUN_SAYS = "the run knows, and nothing else can be evaluated"

EVAL = Script(
    "eval_image_classifier",
    "Evaluate a run of graphcore's, as slim's eval_image_classifier.py evaluated a checkpoint.",
    "--checkpoint_path runs/flowers --dataset_split_name validation",
    (
        Flag("batch_size", int, 100, "pictures a forward pass", least=1,
             did="counted the last batch's first pictures twice", now="does nothing: every picture counts once, in "
             "batches of the run's own"),
        Flag("max_num_batches", int, None, "batches to evaluate",
             did="stopped after so many batches", now="does nothing: the whole split is evaluated"),
        Flag("master", str, "", "address of a TensorFlow master", refused="graphcore evaluates on one machine"),
        Flag("checkpoint_path", str, "/tmp/tfmodel/", "a run's folder, or a checkpoint in it", options="run",
             did="took any checkpoint of slim's", now="a run of graphcore's: it knows its classes and "
             "how its pictures are prepared"),
        Flag("eval_dir", str, "/tmp/tfmodel/", "where figures are written",
             options="copies of RUN/metrics.json, predictions and report",
             did="wrote event files there", now="metrics.json, predictions.csv and report.html of the split are copied "
             "there; TensorBoard's files are in RUN/summaries"),
        Flag("num_preprocessing_threads", int, 4, "threads that decode",
             did="was their number", now="does nothing: all cores are used"),
        Flag("dataset_name", str, "imagenet", "the set's name",
             did="chose one of slim's descriptions", now="does nothing: the run's own records are evaluated"),
        Flag("dataset_split_name", str, "test", "what is evaluated", options="split",
             choices=("train", "validation", "test")),
        Flag("dataset_dir", str, None, "the folder of the TFRecords",
             did="read the split's files there", now="does nothing: the run's own records are evaluated, which were "
             "made of its dataset.dir"),
        Flag("labels_offset", int, 0, "taken off every label", options=_OF_RUN, least=0),
        Flag("model_name", str, "inception_v3", "the network", options=_OF_RUN),
        Flag("preprocessing_name", str, None, "of the pictures",
             did="prepared them so", now=f"does nothing: {_RUN_SAYS}"),
        Flag("moving_average_decay", float, None, "evaluate the moving averages",
             did="evaluated the averages", now="does nothing: with trainer.ema_decay they are what the run kept"),
        Flag("eval_image_size", int, None, "pixels", options=_OF_RUN, least=8),
        Flag("quantize", bool, False, "evaluate a graph for 8 bits",
             refused="contrib.quantize of TensorFlow 1 is gone"),
        Flag("use_grayscale", bool, False, "pictures turned grey", options=_OF_RUN),
    ),
    takes_options=False,
)  # fmt: skip

ALWAYS = (
    Difference("", "failed with Recall_5 where there are fewer than 5 classes", "top-k is of as many as there are"),
    Difference("", "printed accuracy and recall at 5", "a confusion matrix, figures of every class and the prediction "
               "of every picture are written too"),
)  # fmt: skip
