"""What we write, read by those it is written for: TensorFlow's own reader, and slim's decoder."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from graphcore.graph.runtime import tf, tf1
from tfrecords.example import Sample, decode_example, encode_example
from tfrecords.framing import iterate_records, write_record

HEIGHT, WIDTH = 6, 8


def make_sample(index):
    pixels = np.random.default_rng(index).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return Sample(f"5@{index}.250", file.getvalue(), "png", HEIGHT, WIDTH, index, f"class ü{index}", "5.mp4")


@pytest.fixture
def samples():
    pictures = [make_sample(index) for index in range(3)]
    frame = dataclasses.replace(make_sample(3), video_id="5", time_secs=3.25, group="subject 1")
    several = [dataclasses.replace(make_sample(4), labels=(4, 1), subject="s1"), dataclasses.replace(frame, labels=())]
    return [*pictures, frame, *several]


@pytest.fixture
def path(tmp_path, samples):
    path = tmp_path / "train-00000-of-00001.tfrecord"
    with open(path, "wb") as file:
        for sample in samples:
            write_record(file, encode_example(sample))
    return path


def test_tensorflows_reader_and_parser_read_our_records(path, samples):
    schema = {
        "image/encoded": tf.io.FixedLenFeature([], tf.string),
        "image/format": tf.io.FixedLenFeature([], tf.string),
        "image/height": tf.io.FixedLenFeature([], tf.int64),
        "image/width": tf.io.FixedLenFeature([], tf.int64),
        "image/class/label": tf.io.FixedLenFeature([], tf.int64),
        "image/class/text": tf.io.FixedLenFeature([], tf.string),
        "image/filename": tf.io.FixedLenFeature([], tf.string),
        "sample/key": tf.io.FixedLenFeature([], tf.string),
        "group": tf.io.FixedLenFeature([], tf.string),
        "video/id": tf.io.FixedLenFeature([], tf.string, default_value=""),
        "frame/time_secs": tf.io.FixedLenFeature([], tf.float32, default_value=-1.0),
        "image/class/labels": tf.io.VarLenFeature(tf.int64),
        "subject": tf.io.FixedLenFeature([], tf.string, default_value=""),
    }
    with tf.Graph().as_default(), tf1.Session() as session:
        dataset = tf.data.TFRecordDataset(str(path)).batch(10)
        batch = tf1.data.make_one_shot_iterator(dataset).get_next()
        values = session.run(tf.io.parse_example(batch, schema))
    assert list(values["image/encoded"]) == [sample.encoded for sample in samples]
    assert [text.decode() for text in values["image/class/text"]] == [sample.text for sample in samples]
    assert [key.decode() for key in values["sample/key"]] == [sample.key for sample in samples]
    assert list(values["image/class/label"]) == [0, 1, 2, 3, 4, 3]
    assert values["image/class/labels"].indices.tolist() == [[4, 0], [4, 1]]
    assert values["image/class/labels"].values.tolist() == [4, 1]
    assert list(values["subject"]) == [b"", b"", b"", b"", b"s1", b""]
    assert set(values["image/height"]) == {HEIGHT}
    assert set(values["image/width"]) == {WIDTH}
    assert set(values["image/format"]) == {b"png"}
    assert set(values["image/filename"]) == {b"5.mp4"}
    assert list(values["video/id"]) == [b"", b"", b"", b"5", b"", b"5"]
    assert list(values["group"]) == [b"", b"", b"", b"subject 1", b"", b"subject 1"]
    assert list(values["frame/time_secs"]) == [-1.0, -1.0, -1.0, 3.25, -1.0, 3.25]


def test_slims_decoder_reads_our_samples(samples):
    from graphcore.layers import slim

    keys_to_features = {
        "image/encoded": tf.io.FixedLenFeature([], tf.string),
        "image/format": tf.io.FixedLenFeature([], tf.string),
        "image/class/label": tf.io.FixedLenFeature([], tf.int64),
        "image/class/text": tf.io.FixedLenFeature([], tf.string),
    }
    with tf.Graph().as_default(), tf1.Session() as session:
        handlers = {
            "image": slim.tfexample_decoder.Image(shape=[HEIGHT, WIDTH, 3], channels=3),
            "label": slim.tfexample_decoder.Tensor("image/class/label", shape=[]),
            "text": slim.tfexample_decoder.Tensor("image/class/text", shape=[]),
        }
        decoder = slim.tfexample_decoder.TFExampleDecoder(keys_to_features, handlers)
        serialized = tf1.placeholder(tf.string, [])
        tensors = decoder.decode(serialized, items=["image", "label", "text"])
        for sample in samples:
            image, label, text = session.run(tensors, {serialized: encode_example(sample)})
            np.testing.assert_array_equal(image, np.asarray(Image.open(io.BytesIO(sample.encoded))))
            assert (label, text.decode()) == (sample.label, sample.text)


def test_our_bytes_are_those_of_protocol_buffers(samples):
    for sample in samples:
        if sample.labels is None:
            ours = encode_example(sample)
            assert tf.train.Example.FromString(ours).SerializeToString(deterministic=True) == ours


def test_our_bytes_of_several_labels_are_theirs_in_another_order(samples):
    # Python's Protocol Buffers write image/class/labels before image/class/label, by no order of texts.
    for sample in samples:
        if sample.labels is not None:
            ours = encode_example(sample)
            theirs = tf.train.Example.FromString(ours).SerializeToString(deterministic=True)
            assert sorted(theirs) == sorted(ours)
            assert decode_example(theirs) == sample


def test_we_read_what_tensorflow_writes(tmp_path, samples):
    path = str(tmp_path / "theirs")
    with tf.io.TFRecordWriter(path) as writer:
        for sample in samples:
            writer.write(encode_example(sample))
    assert [decode_example(payload) for payload in iterate_records(tmp_path / "theirs")] == samples


def test_our_file_is_the_one_tensorflow_writes(path, tmp_path, samples):
    with tf.io.TFRecordWriter(str(tmp_path / "theirs")) as writer:
        for sample in samples:
            writer.write(encode_example(sample))
    assert (tmp_path / "theirs").read_bytes() == path.read_bytes()
