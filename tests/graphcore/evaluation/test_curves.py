import os

import pytest

from graphcore.evaluation import curves
from graphcore.evaluation.curves import Curve, read_curves
from graphcore.graph.runtime import tf, tf1


def write_events(folder, points):
    with tf.Graph().as_default():
        writer = tf1.summary.FileWriter(str(folder))
        for name, step, value in points:
            writer.add_summary(tf1.Summary(value=[tf1.Summary.Value(tag=name, simple_value=value)]), step)
        writer.close()
    return max(folder.glob("events*"), key=lambda path: path.stat().st_mtime_ns)


def test_scalars_are_read_by_split_and_name(tmp_path):
    write_events(tmp_path / "train", [("loss", 1, 2.0), ("accuracy", 1, 0.25), ("loss", 2, 1.5)])
    write_events(tmp_path / "validation", [("loss", 2, 1.75)])

    assert read_curves(tmp_path) == [
        Curve("train", "accuracy", (1,), (0.25,)),
        Curve("train", "loss", (1, 2), (2.0, 1.5)),
        Curve("validation", "loss", (2,), (1.75,)),
    ]


def test_a_later_file_replaces_steps_that_were_taken_again(tmp_path):
    first = write_events(tmp_path / "train", [("loss", 1, 3.0), ("loss", 2, 2.0)])
    first.rename(first.with_name("events.out.tfevents.0000000001.host"))
    write_events(tmp_path / "train", [("loss", 2, 2.5), ("loss", 3, 1.0)])

    assert read_curves(tmp_path) == [Curve("train", "loss", (1, 2, 3), (3.0, 2.5, 1.0))]


def test_what_a_killed_run_left_is_read_up_to_its_end(tmp_path):
    path = write_events(tmp_path / "train", [("loss", 1, 3.0), ("loss", 2, 2.0)])
    path.write_bytes(path.read_bytes()[:-5])

    assert read_curves(tmp_path) == [Curve("train", "loss", (1,), (3.0,))]


def test_other_events_are_passed_over(tmp_path):
    with tf.Graph().as_default() as graph:
        tf1.placeholder(tf.float32)
        tf1.summary.FileWriter(str(tmp_path / "train"), graph).close()

    assert read_curves(tmp_path) == []


def test_scalars_of_the_newer_kind_are_read(tmp_path):
    with tf.summary.create_file_writer(str(tmp_path / "train")).as_default():
        tf.summary.scalar("loss", 0.5, step=7)

    (curve,) = read_curves(tmp_path)
    assert (curve.steps, curve.values) == ((7,), pytest.approx((0.5,)))


def test_no_summaries_are_no_curves(tmp_path):
    assert read_curves(tmp_path / "gone") == []


def test_two_reports_on_one_run_read_its_events_once(tmp_path, monkeypatch):
    read = []
    own = curves.iterate_records
    monkeypatch.setattr(curves, "iterate_records", lambda path: read.append(path.name) or own(path))
    path = write_events(tmp_path / "train", [("loss", 1, 3.0)])

    assert read_curves(tmp_path) == read_curves(tmp_path)
    assert read == [path.name]


def test_events_that_were_added_are_read(tmp_path):
    write_events(tmp_path / "train", [("loss", 1, 3.0)])
    assert len(read_curves(tmp_path)) == 1

    write_events(tmp_path / "validation", [("loss", 1, 2.0)])

    assert [curve.split for curve in read_curves(tmp_path)] == ["train", "validation"]


def test_what_was_added_to_the_same_file_is_read_also_where_its_time_does_not_tell(tmp_path):
    path = write_events(tmp_path / "train", [("loss", 1, 3.0)])
    more = write_events(tmp_path / "more", [("loss", 2, 2.0)])
    time = path.stat().st_mtime_ns
    assert [curve.steps for curve in read_curves(tmp_path) if curve.split == "train"] == [(1,)]

    path.write_bytes(path.read_bytes() + more.read_bytes())
    os.utime(path, ns=(time, time))

    assert [curve.steps for curve in read_curves(tmp_path) if curve.split == "train"] == [(1, 2)]


def test_a_file_that_was_replaced_by_one_of_the_same_size_is_read(tmp_path):
    path = write_events(tmp_path / "train", [("loss", 1, 3.0)])
    assert [curve.values for curve in read_curves(tmp_path)] == [(3.0,)]

    size, time = path.stat().st_size, path.stat().st_mtime_ns
    other = write_events(tmp_path / "train", [("loss", 1, 2.0)])
    other.replace(path)
    os.utime(path, ns=(time + 10**9, time + 10**9))

    assert path.stat().st_size == size
    assert [curve.values for curve in read_curves(tmp_path)] == [(2.0,)]
