from graphcore.evaluation.other_data.shared_samples import find_shared
from tests.graphcore.evaluation.small_runs import VIDEOS
from tfrecords.manifest import InputInfo, Manifest, read_manifest, write_manifest
from tfrecords.reader import Reader
from tfrecords.writer import begin


def test_copies_of_training_samples_are_counted(photo_run):
    of_train = len(list(Reader(photo_run.records).iterate("train")))
    assert find_shared(photo_run.records, photo_run.records, "train").samples == of_train
    assert not find_shared(photo_run.records, photo_run.records, "test")


def test_another_dataset_shares_nothing(photo_run, video_records):
    assert not find_shared(photo_run.records, video_records, "test")


def copy_with_inputs(records, folder, digests):
    """Records as they are, whose manifest says what the videos' files hold."""
    import shutil

    begin(folder)
    shutil.rmtree(folder)
    shutil.copytree(records, folder)
    manifest = read_manifest(records)
    inputs = {f"{video}.mp4": InputInfo(1, 1, digests[video]) for video in VIDEOS}
    values = {name: getattr(manifest, name) for name in ("name", "kind", "labels", "counts", "shards", "options")}
    write_manifest(folder, Manifest(**values, inputs=inputs))
    return folder


def test_video_files_that_were_trained_on_are_named(video_records, tmp_path):
    digests = {video: f"{int(video):064x}" for video in VIDEOS}
    trained = copy_with_inputs(video_records, tmp_path / "trained", digests)
    # Video 4 is tested on, and is the file that training knows as video 1.
    tested = copy_with_inputs(video_records, tmp_path / "tested", digests | {"4": digests["1"]})

    assert find_shared(trained, tested, "test").videos == ("4.mp4",)
    assert find_shared(trained, trained, "test").videos == ()
