"""The old way to a classifier, for our own to be held against: `python benchmarks/old_way.py --image_dir PHOTOS ...`.

A re-creation of TensorFlow's retrain.py, written anew from a description of what it does, for a TensorFlow of today:
a picture's file is opened, decoded and resized in one `Session.run`, its bottleneck is computed in a second one and
kept as comma-joined text in a file of its own; every step of training picks a batch at random, opens and parses the
text of each of its elements, and feeds them; every tenth step looks at that batch and at a validation batch that is
read the same way; the test reads the whole split.

Where the description leaves a choice, the faster is taken, so that nobody is held against a straw man:

- The pooled features are kept (512 numbers here) rather than MobileNet's 1001 probabilities: half the text.
- NumPy parses a text at once rather than Python number by number, and writes eight digits.
- Finding a text that is there already costs a look at its folder; the original parses every text once more.
- Summaries hold loss and accuracy at evaluations; the original's hold histograms too, at every step.
- The frozen graph has its batch norm folded, and TensorFlow has its defaults (oneDNN is on where the processor has
  VNNI), as many threads as there are cores.

`--literal` undoes the middle three: with a graph that ends in probabilities it is the original to the letter.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
SPLITS = ("train", "validation", "test")


def parse_options() -> argparse.Namespace:
    """Its options, by the names that they had, as far as they are needed."""
    parser = argparse.ArgumentParser()
    for name in ("image_dir", "model", "bottleneck_dir", "output_graph", "output_labels", "summaries_dir"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--how_many_training_steps", type=int, default=4000)
    parser.add_argument("--learning_rate", type=float, default=0.01)
    parser.add_argument("--eval_step_interval", type=int, default=10)
    parser.add_argument("--batch_size", type=int, default=100)
    parser.add_argument("--image_size", type=int, default=160)
    parser.add_argument("--bottleneck_tensor", default="pooled_features")
    parser.add_argument("--final_tensor_name", default="final_result")
    parser.add_argument("--literal", action="store_true")
    return parser.parse_args()


def list_pictures(folder: Path) -> dict[str, dict[str, list[Path]]]:
    """Label -> split -> pictures; a picture's split is a hash of its path, in shares of 80, 10 and 10."""
    found = {}
    for label in sorted(path for path in folder.iterdir() if path.is_dir()):
        found[label.name] = {split: [] for split in SPLITS}
        for path in sorted(label.iterdir()):
            if path.suffix.lower() in (".jpg", ".jpeg"):
                share = int(hashlib.sha1(str(path).encode()).hexdigest(), 16) % 100
                split = "validation" if share < 10 else "test" if share < 20 else "train"
                found[label.name][split].append(path)
    return found


class Bottlenecks:
    """The text files: made one picture at a time, read one at a time."""

    def __init__(self, options: argparse.Namespace, session: Any, bottleneck: tf.Tensor) -> None:
        self._folder, self._literal = options.bottleneck_dir, options.literal
        self._session, self._bottleneck = session, bottleneck
        self._jpeg, self._resized = build_decoding(options.image_size)

    def path_of(self, picture: Path) -> Path:
        return self._folder / picture.parent.name / f"{picture.name}.txt"

    def make_missing(self, pictures: Iterable[Path]) -> int:
        """Computes what has no text yet; returns how many pictures that were."""
        made = 0
        for picture in pictures:
            path = self.path_of(picture)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(self._write(self._compute(picture)))
                made += 1
            if self._literal:
                self.read(picture)
        return made

    def read(self, picture: Path) -> Any:
        if self._literal:
            with open(self.path_of(picture)) as file:
                return [float(value) for value in file.read().split(",")]
        with open(self.path_of(picture), "rb", buffering=0) as file:
            return np.fromstring(file.read(), np.float32, sep=",")

    def _compute(self, picture: Path) -> np.ndarray:
        resized = self._session.run(self._resized, {self._jpeg: picture.read_bytes()})
        return np.squeeze(self._session.run(self._bottleneck, {"images:0": resized}))

    def _write(self, values: np.ndarray) -> str:
        if self._literal:
            return ",".join(str(value) for value in values)
        return ("%.8g," * len(values))[:-1] % tuple(values.tolist())


def build_decoding(image_size: int) -> tuple[Any, Any]:
    """Adds what makes a file's bytes a picture: float32 [1, image_size, image_size, 3] in [-1, 1]."""
    jpeg = tf1.placeholder(tf.string, name="DecodeJPGInput")
    pictures = tf.expand_dims(tf.cast(tf.image.decode_jpeg(jpeg, channels=3), tf.float32), 0)
    return jpeg, (tf1.image.resize_bilinear(pictures, [image_size, image_size]) - 127.5) * (1 / 127.5)


class Head:
    """The new last layer, its training and its evaluation."""

    def __init__(self, options: argparse.Namespace, size: int, classes: int) -> None:
        self.inputs = tf1.placeholder(tf.float32, [None, size], name="BottleneckInput")
        self.truth = tf1.placeholder(tf.int64, [None], name="GroundTruth")
        weights = tf1.get_variable("weights", initializer=tf.random.truncated_normal([size, classes], stddev=0.001))
        biases = tf1.get_variable("biases", initializer=tf.zeros([classes]))
        logits = tf.matmul(self.inputs, weights) + biases
        result = tf.nn.softmax(logits, name=options.final_tensor_name)
        self.loss = tf1.losses.sparse_softmax_cross_entropy(self.truth, logits)
        self.step = tf1.train.GradientDescentOptimizer(options.learning_rate).minimize(self.loss)
        self.accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(result, 1), self.truth), tf.float32))
        tf1.summary.scalar("cross_entropy", self.loss)
        tf1.summary.scalar("accuracy", self.accuracy)
        if options.literal:
            add_variable_summaries(weights, biases, logits, result)
        self.summary = tf1.summary.merge_all()


def add_variable_summaries(weights: Any, biases: Any, logits: tf.Tensor, result: tf.Tensor) -> None:
    """What the original shows of its variables, at every step."""
    for name, values in (("weights", weights), ("biases", biases)):
        mean = tf.reduce_mean(values)
        tf1.summary.scalar(f"{name}/mean", mean)
        tf1.summary.scalar(f"{name}/stddev", tf.sqrt(tf.reduce_mean(tf.square(values - mean))))
        tf1.summary.scalar(f"{name}/max", tf.reduce_max(values))
        tf1.summary.scalar(f"{name}/min", tf.reduce_min(values))
        tf1.summary.histogram(f"{name}/histogram", values)
    tf1.summary.histogram("pre_activations", logits)
    tf1.summary.histogram("activations", result)


class Batches:
    """Batches of bottlenecks, a class and then a picture of it at random, each read from its text."""

    def __init__(self, head: Head, pictures: dict[str, dict[str, list[Path]]], read: Callable[[Path], Any]) -> None:
        self._head, self._read = head, read
        self._pictures = list(pictures.values())

    def pick(self, split: str, count: int) -> dict[Any, Any]:
        labels = [random.randrange(len(self._pictures)) for _ in range(count)]
        return self._feed([self._read(random.choice(self._pictures[label][split])) for label in labels], labels)

    def read_all(self, split: str) -> dict[Any, Any]:
        chosen = [(path, label) for label, splits in enumerate(self._pictures) for path in splits[split]]
        return self._feed([self._read(path) for path, _ in chosen], [label for _, label in chosen])

    def _feed(self, values: list[Any], labels: list[int]) -> dict[Any, Any]:
        return {self._head.inputs: np.array(values, np.float32), self._head.truth: labels}


def train(options: argparse.Namespace, session: Any, head: Head, batches: Batches) -> None:
    """A `Session.run` and a feed per step."""
    writers = {split: tf1.summary.FileWriter(str(options.summaries_dir / split)) for split in SPLITS[:2]}
    writers["train"].add_graph(session.graph)
    for step in range(options.how_many_training_steps):
        feed = batches.pick("train", options.batch_size)
        if options.literal:
            summary, _ = session.run([head.summary, head.step], feed)
            writers["train"].add_summary(summary, step)
        else:
            session.run(head.step, feed)
        if step % options.eval_step_interval == 0 or step + 1 == options.how_many_training_steps:
            look(options, session, head, batches, feed, step, writers)
    for writer in writers.values():
        writer.close()


def look(options: Any, session: Any, head: Head, batches: Batches, feed: Any, step: int, writers: Any) -> None:
    """Accuracy on the batch that was trained on, and on one of validation."""
    loss, accuracy, summary = session.run([head.loss, head.accuracy, head.summary], feed)
    if not options.literal:
        writers["train"].add_summary(summary, step)
    summary, validation = session.run([head.summary, head.accuracy], batches.pick("validation", options.batch_size))
    writers["validation"].add_summary(summary, step)
    print(f"step {step}: train accuracy {accuracy:.1%}, cross-entropy {loss:.4f}, validation accuracy {validation:.1%}")


def write_products(options: argparse.Namespace, session: Any, labels: Iterable[str]) -> None:
    """The frozen graph and its labels."""
    graph_def = session.graph.as_graph_def()
    frozen = tf1.graph_util.convert_variables_to_constants(session, graph_def, [options.final_tensor_name])
    options.output_graph.write_bytes(frozen.SerializeToString())
    options.output_labels.write_text("\n".join(labels) + "\n")


def main() -> None:
    """Runs it and prints the seconds of each phase."""
    options, started, seconds = parse_options(), time.perf_counter(), {}

    def note(phase: str) -> None:
        seconds[phase] = time.perf_counter() - started - sum(seconds.values())

    pictures = list_pictures(options.image_dir)
    with tf.Graph().as_default():
        graph_def = tf1.GraphDef.FromString(options.model.read_bytes())
        (bottleneck,) = tf1.import_graph_def(graph_def, name="", return_elements=[f"{options.bottleneck_tensor}:0"])
        head = Head(options, bottleneck.shape[-1], len(pictures))
        with tf1.Session() as session:
            bottlenecks = Bottlenecks(options, session, bottleneck)
            session.run(tf1.global_variables_initializer())
            note("start")
            every = [path for splits in pictures.values() for split in SPLITS for path in splits[split]]
            print(f"{bottlenecks.make_missing(every)} bottlenecks made of {len(every)}")
            note("bottlenecks")
            batches = Batches(head, pictures, bottlenecks.read)
            train(options, session, head, batches)
            note("train")
            feed = batches.read_all("test")
            accuracy = session.run(head.accuracy, feed)
            note("test")
            write_products(options, session, pictures)
            note("products")
    print("seconds: " + ", ".join(f"{phase} {value:.2f}" for phase, value in seconds.items()))
    print(f"Test accuracy {accuracy:.1%} on {len(feed[head.truth])} pictures")


if __name__ == "__main__":
    main()
