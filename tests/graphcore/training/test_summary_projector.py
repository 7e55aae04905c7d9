import io

import numpy as np
import pytest
from PIL import Image

from graphcore.training.sample_pictures import SamplePictures
from graphcore.training.stepper import Evaluation
from graphcore.training.summary_projector import (
    Projector,
    format_metadata,
    make_sprite,
    plan_sprite,
    to_bytes,
    to_vectors,
)
from tfrecords.reader import Reader

LABELS = ("grey", "red")


@pytest.fixture
def keys(shown_records):
    return tuple(sample.key for sample in Reader(shown_records).iterate("validation"))


@pytest.mark.parametrize(("count", "planned"), [(1, (1, 48)), (1000, (32, 48)), (100_000, (317, 25))])
def test_small_pictures_fit_into_what_a_browser_can_hold(count, planned):
    columns, side = plan_sprite(count)
    assert (columns, side) == planned
    assert columns * columns >= count
    assert columns * side <= 8192


def test_pictures_lie_in_the_order_of_the_samples(shown_records, keys):
    side, sprite = make_sprite(shown_records, keys)
    sheet = Image.open(io.BytesIO(sprite))
    assert sheet.size == (2 * side, 2 * side)
    for index, key in enumerate(keys):
        middle = (index % 2 * side + side // 2, index // 2 * side + side // 2)
        red = int(key[len("validation/")]) % 2
        assert sheet.getpixel(middle) == pytest.approx((200, 10, 10) if red else (90, 90, 90), abs=12)


def test_shards_of_other_samples_give_no_pictures(shown_records, caplog):
    assert make_sprite(shown_records, ("other",))[1] == b""
    assert "not those of the features" in caplog.text


def test_fewer_samples_than_features_give_no_pictures(shown_records, keys, caplog):
    assert make_sprite(shown_records, (*keys, "one more"))[1] == b""
    assert "not those of the features" in caplog.text


def test_vectors_begin_with_a_byte_that_is_no_text_and_change_by_nothing_else():
    vectors = np.array([[0.0, 1.5], [2.5, -3.0]], np.float32)
    data = to_bytes(vectors)
    with pytest.raises(UnicodeDecodeError):
        data.decode()
    assert np.frombuffer(data, "<f4").reshape(2, 2) == pytest.approx(vectors, abs=1e-6)


def test_scores_are_spread_by_their_logarithms():
    found = Evaluation({}, ("a",), np.array([0]), np.array([[1.0, 0.0]], np.float32))
    assert to_vectors(found) == pytest.approx(np.log(np.array([[1.0, 1e-6]])))


def test_metadata_has_a_line_a_sample():
    found = Evaluation({}, ("a\tb", "c"), np.array([0, 1]), np.array([[0.75, 0.25], [1.0, 0.0]], np.float32))
    assert format_metadata(found, LABELS, slice(0, 9)).splitlines() == [
        "label\tcalled\tscore\tright\tkey",
        "grey\tgrey\t0.750\tyes\ta b",
        "red\tgrey\t1.000\tno\tc",
    ]


def test_metadata_names_several_labels():
    labels = np.array([[1, 1], [0, 0]], np.uint8)
    found = Evaluation({}, ("a", "b"), labels, np.array([[0.75, 0.25], [0.9, 0.0]], np.float32))
    assert [line.split("\t")[0] for line in format_metadata(found, LABELS, slice(0, 9)).splitlines()[1:]] == [
        "grey, red",
        "none",
    ]


def test_features_are_written_once_and_what_they_were_called_at_the_best(make_moment, shown_records, keys):
    observer = Projector(LABELS, SamplePictures(shown_records), 3, np.arange(8, dtype=np.float32).reshape(4, 2))
    scores = [[0.9, 0.1]] * 4
    moment = make_moment(5, [0, 1, 0, 1], scores, keys=keys, best=False)
    folder = moment.writers.folder("validation")
    observer.evaluated(moment)
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(written) == {"projector.features.bytes", "projector.tsv", "projector.jpg", "projector_config.pbtxt"}
    assert len(written["projector.features.bytes"]) == 3 * 2 * 4
    observer.evaluated(make_moment(10, [0, 1, 0, 1], np.flip(scores, 1), keys=keys, best=False))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == written
    observer.evaluated(make_moment(15, [0, 1, 0, 1], np.flip(scores, 1), keys=keys))
    observer.saving()
    changed = {path.name for path in folder.iterdir() if path.read_bytes() != written[path.name]}
    assert changed == {"projector.tsv"}


def test_what_is_best_waits_for_the_next_checkpoint(make_moment, shown_records, keys):
    observer = Projector(LABELS, SamplePictures(shown_records), 3)
    table = make_moment(5, [0], [[1.0, 0.0]]).writers.folder("validation") / "projector.tsv"
    for step, score in ((5, 0.6), (10, 0.7), (15, 0.8)):
        observer.evaluated(make_moment(step, [0, 0, 0, 0], [[score, 1 - score]] * 4, keys=keys))
        assert "0.600" in table.read_text()
    observer.saving()
    assert "0.800" in table.read_text()


def test_scores_stand_in_for_features_that_change(make_moment, shown_records, keys):
    moment = make_moment(5, np.eye(2, dtype=np.uint8)[[0, 1, 0, 1]], [[0.9, 0.1]] * 4, keys=keys)
    Projector(LABELS, SamplePictures(shown_records), 1000).evaluated(moment)
    assert len((moment.writers.folder("validation") / "projector.scores.bytes").read_bytes()) == 4 * 2 * 4


def test_the_configuration_is_one_that_tensorboard_reads(make_moment, shown_records, keys):
    text_format = pytest.importorskip("google.protobuf.text_format")
    config_pb2 = pytest.importorskip("tensorboard.plugins.projector.projector_config_pb2")
    moment = make_moment(5, [0, 1, 0, 1], [[0.9, 0.1]] * 4, keys=keys)
    Projector(LABELS, SamplePictures(shown_records), 3).evaluated(moment)
    folder = moment.writers.folder("validation")
    config = text_format.Parse((folder / "projector_config.pbtxt").read_text(), config_pb2.ProjectorConfig())
    (embedding,) = config.embeddings
    assert list(embedding.tensor_shape) == [3, 2]
    assert list(embedding.sprite.single_image_dim) == [48, 48]
    for name in (embedding.tensor_path, embedding.metadata_path, embedding.sprite.image_path):
        assert (folder / name).is_file()
