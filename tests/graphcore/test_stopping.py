import os
import signal
import threading
import time

import pytest

from graphcore.stopping import terminable, unmasked


@pytest.fixture(autouse=True)
def handlers():
    """Those of SIGTERM and SIGURG, which must be as they were before; SIGINT is ignored in a shell's background job."""
    numbers = signal.SIGTERM, signal.SIGURG
    before = list(map(signal.getsignal, numbers))
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, interrupt)
    assert list(map(signal.getsignal, numbers)) == before
    assert signal.set_wakeup_fd(-1) == -1


def give_to_another_thread(number):
    """A signal that the system gives to a thread that is not the main one, while that one waits."""

    def take():
        time.sleep(0.2)
        signal.pthread_kill(threading.get_ident(), number)

    threading.Thread(target=take, daemon=True).start()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_another_thread_was_given_ends_the_wait(number):
    slept_through = threading.Event()
    alarm = threading.Timer(20, slept_through.set)
    alarm.start()
    with pytest.raises(KeyboardInterrupt), terminable():
        give_to_another_thread(number)
        slept_through.wait()
    alarm.cancel()
    assert not slept_through.is_set()


def test_a_signal_to_the_process_ends_the_block():
    with pytest.raises(KeyboardInterrupt), terminable():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)


def test_it_is_heard_once():
    heard = []
    with terminable():
        signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)
    assert heard == [signal.SIGTERM]


def test_threads_end_with_their_blocks():
    for _ in range(20):
        with terminable():
            pass
    deadline = time.monotonic() + 10
    while names := [one for one in threading.enumerate() if one.name == "stopping"]:
        assert time.monotonic() < deadline, names
        time.sleep(0.01)


def test_an_error_over_the_interrupt_is_the_interrupt():
    def stumble():
        try:
            raise KeyboardInterrupt
        finally:
            raise AttributeError("half made")

    with pytest.raises(KeyboardInterrupt), unmasked():
        stumble()
    with pytest.raises(KeyboardInterrupt), unmasked():
        try:
            stumble()
        except AttributeError as error:
            raise RuntimeError("told otherwise") from error


def test_other_errors_stay_what_they_are():
    with pytest.raises(ZeroDivisionError), unmasked():
        try:
            raise ValueError
        except ValueError as error:
            raise ZeroDivisionError from error


def test_somebody_elses_handler_stays():
    def other(number, frame):
        pass

    before = signal.signal(signal.SIGTERM, other)
    try:
        with terminable():
            assert signal.getsignal(signal.SIGTERM) is other
    finally:
        signal.signal(signal.SIGTERM, before)


def test_in_another_thread_it_does_nothing():
    def enter():
        with terminable():
            pass

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
