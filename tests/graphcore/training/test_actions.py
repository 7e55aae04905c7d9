import os
import signal

import pytest

from graphcore.training.actions import Every, Pause, StopRequest, listen_for_stop, plan_chunk


@pytest.mark.parametrize(("step", "due"), [(0, False), (9, False), (10, True), (20, True), (25, True)])
def test_due_at_multiples_and_at_the_end(step, due):
    assert Every(10, last_step=25).is_due(step) is due


@pytest.mark.parametrize(("step", "steps"), [(0, 4), (4, 4), (8, 2), (10, 2), (20, 4), (24, 1)])
def test_chunk_ends_where_the_first_action_is_due(step, steps):
    assert plan_chunk(step, [Every(10, 25), Every(4, 25)]) == steps


def test_request_is_false_until_asked():
    request = StopRequest()
    assert not request
    request.ask()
    assert request


def test_steps_told_one_by_one_are_not_told_again_with_their_chunk():
    told = []
    pause = Pause(on_steps=told.append)
    for _ in range(3):
        pause.step_taken()
    pause.chunk_taken(3)
    pause.chunk_taken(5)
    assert told == [1, 1, 1, 0, 5]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_becomes_a_request_and_handlers_come_back(number):
    before = signal.getsignal(number)
    with listen_for_stop() as request:
        os.kill(os.getpid(), number)
        assert request
    assert signal.getsignal(number) is before


@pytest.fixture
def heard():
    """SIGINT as a program at a terminal hears it; one started in the background may have inherited deafness."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_second_interrupt_acts_as_before(heard):
    with pytest.raises(KeyboardInterrupt), listen_for_stop():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
