import io

import av
import numpy as np
import pytest
from PIL import Image

from graphcore.graph.runtime import tf, tf1

LABELS = ("red", "green", "blue")
SIZE = 4


@pytest.fixture(scope="session")
def frozen_graph(tmp_path_factory):
    """A classifier whose scores anybody can compute: softmax of 4 x the mean of each channel in [0, 1]."""
    return write_graph(tmp_path_factory.mktemp("export"), lambda means: tf.nn.softmax(4.0 * means, name="final_result"))


@pytest.fixture(scope="session")
def temporal_graph(tmp_path_factory):
    """One that judges frames by those before them too: softmax of 4 x the mean of the means so far."""

    def judge(means):
        features = tf.identity(means, name="features")
        with tf1.name_scope("temporal_head"):
            counts = tf.cast(tf.range(1, tf.shape(features)[0] + 1), tf.float32)
            scores = tf.nn.softmax(4.0 * tf.cumsum(features) / counts[:, tf.newaxis])
        tf.identity(scores, name="final_result")

    return write_graph(tmp_path_factory.mktemp("temporal"), judge)


def write_graph(folder, judge):
    """Writes a frozen graph; `judge` makes scores of the mean of each channel."""
    with tf.Graph().as_default() as graph:
        contents = tf1.placeholder(tf.string, [], name="DecodeJpeg/contents")
        with tf1.name_scope("decode"):
            image = tf.io.decode_jpeg(contents, channels=3, dct_method="INTEGER_ACCURATE")
        image = tf.identity(image, name="DecodeJpeg/")
        with tf1.name_scope("prepare"):
            resized = tf1.image.resize_bilinear(image[tf.newaxis], [SIZE, SIZE]) / 255.0
        prepared = tf1.placeholder_with_default(resized, [None, SIZE, SIZE, 3], name="input")
        judge(tf.reduce_mean(prepared, [1, 2]))
    (folder / "frozen_graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in LABELS))
    return folder / "frozen_graph.pb"


def plain(color, height=24, width=32):
    """uint8 [height, width, 3] of one colour."""
    return np.full((height, width, 3), color, np.uint8)


def expected_scores(color):
    """What the classifier says of one colour, in NumPy."""
    exponentials = np.exp(4 * np.array(color) / 255)
    return exponentials / exponentials.sum()


def encode(pixels, kind="PNG"):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def tools():
    """The helpers above, for tests that cannot import this file."""

    class Tools:
        pass

    Tools.plain, Tools.expected_scores, Tools.encode = map(staticmethod, (plain, expected_scores, encode))
    Tools.write_video = staticmethod(write_video)
    return Tools


def write_video(path, colors, fps=2):
    """One frame of each colour."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for color in colors:
            for packet in stream.encode(av.VideoFrame.from_ndarray(plain(color, 48, 64), format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
