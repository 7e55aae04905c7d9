"""The flags of slim's train_image_classifier."""

from __future__ import annotations

from graphcore.compat.flag import Difference, Flag, Script, in_section

_ONE_MACHINE = "graphcore trains in one process on one machine"
_NO_QUANTIZE = (
    "training for 8 bits was contrib.quantize of TensorFlow 1, which is gone and which tf-slim does not replace"
)

_RUN = in_section(
    "Run:",
    (
        Flag("master", str, "", "address of a TensorFlow master", refused=_ONE_MACHINE),
        Flag("train_dir", str, "/tmp/tfmodel/", "the run's folder", options="hydra.run.dir",
             did="held checkpoints and event files",
             now="it is a run: checkpoints/ and summaries/ in it, and all that training ends with"),
        Flag("warmup_epochs", float, 0.0, "epochs over which the rate rises from 0", options="schedule.warmup_steps",
             least=0),
        Flag("num_clones", int, 1, "copies of the network", refused=_ONE_MACHINE),
        Flag("clone_on_cpu", bool, False, "leave GPUs alone", options="CUDA_VISIBLE_DEVICES=-1"),
        Flag("worker_replicas", int, 1, "workers", refused=_ONE_MACHINE),
        Flag("num_ps_tasks", int, 0, "parameter servers", refused=_ONE_MACHINE),
        Flag("num_readers", int, 4, "readers of records",
             did="was the number of threads that read", now="nothing: tf.data reads as many shards as it needs"),
        Flag("num_preprocessing_threads", int, 4, "threads that decode", options="trainer.threads", least=0),
        Flag("log_every_n_steps", int, 10, "steps between lines of the log",
             did="printed a line so often", now="the progress bar shows the steps; figures are written every "
             "trainer.eval_every_steps, a tenth of the training and 500 steps at most"),
        Flag("save_summaries_secs", int, 600, "seconds between summaries",
             did="wrote summaries so often", now="they are written every trainer.eval_every_steps"),
        Flag("save_interval_secs", float, 600, "seconds between checkpoints", "trainer.checkpoint_every_secs",
             least=0.1),
        Flag("task", int, 0, "this worker's number", refused=_ONE_MACHINE),
    ),
)  # fmt: skip
_OPTIMISER = in_section(
    "Optimiser:",
    (
        Flag("weight_decay", float, 4e-5, "L2 on the weights", options="trainer.weight_decay, head.weight_decay",
             least=0),
        Flag("optimizer", str, "rmsprop", "which", options="optimizer",
             choices=("adadelta", "adagrad", "adam", "ftrl", "momentum", "sgd", "rmsprop")),
        Flag("adadelta_rho", float, 0.95, "AdaDelta's decay", options="optimizer.rho"),
        Flag("adagrad_initial_accumulator_value", float, 0.1, "AdaGrad's start",
             options="optimizer.initial_accumulator_value"),
        Flag("adam_beta1", float, 0.9, "Adam's first decay", options="optimizer.beta1"),
        Flag("adam_beta2", float, 0.999, "Adam's second decay", options="optimizer.beta2"),
        Flag("opt_epsilon", float, 1.0, "epsilon of AdaDelta, Adam and RMSProp", options="optimizer.epsilon"),
        Flag("ftrl_learning_rate_power", float, -0.5, "FTRL's power", options="optimizer.learning_rate_power"),
        Flag("ftrl_initial_accumulator_value", float, 0.1, "FTRL's start",
             options="optimizer.initial_accumulator_value"),
        Flag("ftrl_l1", float, 0.0, "FTRL's L1", options="optimizer.l1"),
        Flag("ftrl_l2", float, 0.0, "FTRL's L2", options="optimizer.l2"),
        Flag("momentum", float, 0.9, "of momentum", options="optimizer.momentum"),
        Flag("rmsprop_momentum", float, 0.9, "RMSProp's momentum", options="optimizer.momentum"),
        Flag("rmsprop_decay", float, 0.9, "RMSProp's decay", options="optimizer.decay"),
        Flag("quantize_delay", int, -1, "steps before training for 8 bits begins", refused=_NO_QUANTIZE),
    ),
)  # fmt: skip
_SCHEDULE = in_section(
    "Learning rate:",
    (
        Flag("learning_rate_decay_type", str, "exponential", "how it falls", options="schedule",
             choices=("fixed", "exponential", "polynomial")),
        Flag("learning_rate", float, 0.01, "at the beginning", "optimizer.learning_rate"),
        Flag("end_learning_rate", float, 0.0001, "at the end of a polynomial decay", options="schedule.end_factor"),
        Flag("label_smoothing", float, 0.0, "share of each label that is spread", "head.label_smoothing"),
        Flag("learning_rate_decay_factor", float, 0.94, "of an exponential decay", options="schedule.decay_rate"),
        Flag("num_epochs_per_decay", float, 2.0, "epochs to a decay", options="schedule.decay_epochs"),
        Flag("sync_replicas", bool, False, "make workers wait for each other", refused=_ONE_MACHINE),
        Flag("replicas_to_aggregate", int, 1, "gradients to a step", refused=_ONE_MACHINE),
        Flag("moving_average_decay", float, None, "of the weights", options="trainer.ema_decay"),
    ),
)  # fmt: skip
_DATA = in_section(
    "Data:",
    (
        Flag("dataset_name", str, "imagenet", "the set's name, as the files begin",
             options="dataset.name, dataset.prefix",
             did="chose one of slim's descriptions of data sets", now="any name: classes are what labels.txt or the "
             "records say"),
        Flag("dataset_split_name", str, "train", "what is trained on",
             did="trained on this split's files alone", now="train's files are trained on; splits without files are "
             "taken from them"),
        Flag("dataset_dir", str, None, "the folder of the TFRecords", "dataset.dir"),
        Flag("labels_offset", int, 0, "taken off every label", "dataset.labels_offset", least=0),
        Flag("model_name", str, "inception_v3", "the network", options="backbone, backbone.width"),
        Flag("preprocessing_name", str, None, "of the pictures", options="augment",
             did="also chose how pixels are scaled", now="it chooses the changes of training pictures; pixels are "
             "always scaled as the network was trained"),
        Flag("batch_size", int, 32, "pictures a step", "trainer.batch_size", least=1),
        Flag("train_image_size", int, None, "pixels", options="backbone.image_size", least=8,
             did="was for training only", now="evaluation and export have the same size"),
        Flag("max_number_of_steps", int, None, "steps", "trainer.steps", least=1),
        Flag("use_grayscale", bool, False, "pictures turned grey", "backbone.grayscale"),
    ),
)  # fmt: skip
_TUNING = in_section(
    "Fine-tuning:",
    (
        Flag("checkpoint_path", str, None, "weights to begin with", "backbone.checkpoint"),
        Flag("checkpoint_exclude_scopes", str, None, "scopes that are not restored, with commas",
             options="backbone.exclude_scopes",
             did="had to name the last layer", now="the last layer is new in any case"),
        Flag("trainable_scopes", str, None, "scopes that are trained, with commas; the last layer's alone: "
             "trainer=frozen", options="trainer, trainer.trainable_scopes",
             did="updated batch norm's statistics everywhere", now="what is not trained stays to the byte"),
        Flag("ignore_missing_vars", bool, False, "begin at random where the checkpoint lacks something",
             "backbone.ignore_missing"),
    ),
)  # fmt: skip

TRAIN = Script(
    "train_image_classifier",
    "Train or fine-tune a network on TFRecords, as slim's train_image_classifier.py did.",
    "--train_dir runs/flowers --dataset_dir flowers --dataset_name flowers --model_name mobilenet_v1_050 "
    "--train_image_size 160 --checkpoint_path mobilenet_v1_0.5_160 --max_number_of_steps 500",
    (*_RUN, *_OPTIMISER, *_SCHEDULE, *_DATA, *_TUNING),
)

ALWAYS = (
    Difference("", "trained, and another script evaluated", "validation is evaluated on the way, its best weights are "
               "kept, tested and exported at the end"),
    Difference("", "read the records in place", "pictures are taken out, checked and written as records of "
               "graphcore's own in data/tfrecords"),
    Difference("", "trained the auxiliary last layer of networks that have one, and dropped features below the last",
               "there is one last layer, with nothing dropped; head=mlp has head.dropout"),
    Difference("", "kept 0.9997 of batch norm's averages at each step", "0.99, which short trainings settle with too"),
    Difference("", "never looked whether splits share pictures", "train refuses that; audit.on_leakage=warn goes on"),
)  # fmt: skip
FROZEN = Difference("--trainable_scopes", "ran the network at every step", "only the last layer is named: "
                    "trainer=frozen runs it once a view and trains on the cached features")  # fmt: skip
HEAD = Difference("--trainable_scopes", "left the last layer as it was, unless it was named", "the new last layer is "
                  "trained in any case")  # fmt: skip
FTRL = Difference("--optimizer", "began FTRL's sums at 0, and so forgot the checkpoint in its first step", "they begin "
                  "where the weights are")  # fmt: skip
LAST_LAYER = Difference(
    "--checkpoint_path", "restored the last layer too, unless it was excluded", "the last layer is new"
)
