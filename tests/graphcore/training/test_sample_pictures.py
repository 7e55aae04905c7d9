import pytest

from graphcore.training.sample_pictures import SamplePictures, decode_thumbnail, name_labels


def test_the_first_samples_of_a_split_are_read(shown_records):
    pictures = SamplePictures(shown_records)
    found = pictures.read_first("validation", 3)
    assert len(found) == 3
    assert {sample.key.split("/")[0] for sample in found} == {"validation"}
    assert len(pictures.read_first("validation", 100)) == 4
    assert pictures.read_first("validation", 0) == []


def test_the_first_samples_come_one_at_a_time(shown_records):
    samples = SamplePictures(shown_records).iterate_first("validation", 3)
    assert next(samples).key.startswith("validation/")
    assert len(list(samples)) == 2


def test_a_picture_is_found_by_its_key(shown_records):
    picture = SamplePictures(shown_records).read_thumbnail("validation", "validation/1.png", 10)
    assert picture is not None
    assert picture.size == (10, 5)
    assert picture.getpixel((5, 2)) == (200, 10, 10)


def test_a_picture_that_is_not_there_is_left_out_with_a_line_in_the_log(shown_records, tmp_path, caplog):
    assert SamplePictures(shown_records).read_thumbnail("validation", "train/1.png", 10) is None
    assert "the picture of train/1.png is left out of the summaries" in caplog.text
    assert SamplePictures(tmp_path).read_first("train", 2) == []
    assert "pictures of train are left out of the summaries" in caplog.text


def test_thumbnails_are_shared_by_who_looks_at_the_same_samples(shown_records, tmp_path):
    first = SamplePictures(shown_records, "some digest").read_thumbnail("validation", "validation/1.png", 10)
    # Nothing can be read there: it comes from the other one.
    assert SamplePictures(tmp_path, "some digest").read_thumbnail("validation", "validation/1.png", 10) is first
    assert SamplePictures(tmp_path, "another").read_thumbnail("validation", "validation/1.png", 10) is None


def test_what_is_no_picture_is_an_error_of_the_system():
    with pytest.raises(OSError, match="cannot identify image file"):
        decode_thumbnail(b"no picture", 10)


def test_labels_are_named(shown_records):
    (sample,) = SamplePictures(shown_records).read_first("train", 1)
    assert name_labels(sample, ("grey", "red")) == [sample.text]
