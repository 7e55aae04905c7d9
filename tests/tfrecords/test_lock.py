import os

import pytest

from tfrecords.lock import hold_lock


def test_one_at_a_time(tmp_path):
    path = tmp_path / "deep" / "lock"
    with hold_lock(path), pytest.raises(BlockingIOError), hold_lock(path):
        pass
    with hold_lock(path):
        pass


def test_it_is_let_go_of_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), hold_lock(tmp_path / "lock"):
        _ = 1 / 0
    with hold_lock(tmp_path / "lock"):
        pass


def test_who_opened_the_file_before_its_holder_removed_it_takes_the_next(tmp_path, monkeypatch):
    path = tmp_path / "lock"
    samestat = os.path.samestat
    seen = []

    def remove_at_first(*stats):
        if not seen:
            path.unlink()  # as the holder did, between the opening and the locking
        seen.append(samestat(*stats) and path.exists())
        return seen[-1]

    monkeypatch.setattr(os.path, "samestat", remove_at_first)
    with hold_lock(path):
        assert seen == [False, True]
        monkeypatch.undo()
        with pytest.raises(BlockingIOError), hold_lock(path):
            pass
