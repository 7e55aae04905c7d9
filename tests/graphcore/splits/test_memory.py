from graphcore.splits.memory import find_known, keep_known, note_places
from graphcore.splits.parties import GROUP, IDENTITY, Party

ALL = ("train", "validation", "test")
PHOTO = Party(IDENTITY, "ab12")


def test_who_is_known_keeps_the_place_and_who_is_new_chooses():
    parties = [Party(GROUP, "7"), Party(GROUP, "8"), PHOTO]
    known = {"group:7": "test", PHOTO.key: "validation"}
    assert keep_known(parties, [ALL] * 3, known, ALL) == [("test",), ALL, ("validation",)]


def test_a_place_that_no_longer_exists_is_passed_over():
    assert keep_known([PHOTO], [("fold 1", "fold 2")], {PHOTO.key: "fold 3"}, ("fold 1", "fold 2")) == [
        ("fold 1", "fold 2")
    ]


def test_a_list_comes_before_what_was():
    assert keep_known([Party(GROUP, "7")], [("test",)], {"group:7": "train"}, ALL) == [("test",)]


def test_what_was_carved_out_of_train_stays_out_although_validation_is_given_now():
    party = Party(GROUP, "7", "train")
    assert keep_known([party], [("train",)], {party.key: "validation"}, ALL) == [("validation",)]


def test_a_file_that_was_moved_to_another_folder_is_a_new_one():
    before, now = PHOTO._replace(given="train"), PHOTO._replace(given="test")
    assert keep_known([now], [("test",)], {before.key: "train", PHOTO.key: "train"}, ALL) == [("test",)]


def test_a_group_is_known_by_what_it_was_before_it_was_given_a_split():
    known = {"group:7": "validation"}
    assert find_known(Party(GROUP, "7", "train"), known) == "validation"
    assert find_known(PHOTO._replace(given="train"), {PHOTO.key: "validation"}) == ""


def test_what_is_gone_is_remembered_in_case_it_comes_back():
    known = {"group:1": "test", "group:2": "train"}
    assert note_places([Party(GROUP, "2"), Party(GROUP, "3")], ["train", "test"], known) == {
        "group:1": "test", "group:2": "train", "group:3": "test"
    }  # fmt: skip
    assert known == {"group:1": "test", "group:2": "train"}
