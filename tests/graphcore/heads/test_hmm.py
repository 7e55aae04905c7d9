import numpy as np
import pytest

from graphcore.config import HmmHeadConfig
from graphcore.graph.allow_list import require_allowed_ops
from graphcore.heads.factory import get_head
from graphcore.heads.hmm import choose_temperature
from graphcore.heads.hmm_model import EMISSION_WEIGHT, PRIOR, START, TEMPERATURE, TRANSITIONS
from graphcore.heads.temporal import Fitting, ScoredVideo
from graphcore.heads.trained import TrainedHead


def make(causal=False, **options):
    return get_head(HmmHeadConfig("hmm", causal=causal, **options), 2)


def show_video(labels, called=None, sure=0.8):
    """Frames that are called `called` with a score of `sure`; rightly where None."""
    rest = 1 - sure
    return ScoredVideo(
        np.where(np.eye(2)[labels if called is None else called], sure, rest).astype(np.float32), np.array(labels)
    )


def trained(causal=False, weight=1.0, prior=0.5, temperature=1.0):
    """Features are the log scores themselves; a change of label is 9 times less likely than none."""
    values = {
        "head/hmm/weights": np.eye(2),
        "head/hmm/biases": np.zeros(2),
        START: np.log([0.5, 0.5]),
        TRANSITIONS: np.log([[0.9, 0.1], [0.1, 0.9]]),
        PRIOR: np.log([prior, 1 - prior]),
        EMISSION_WEIGHT: np.array(weight),
        TEMPERATURE: np.array(temperature),
    }
    return TrainedHead(make(causal), {name: value.astype(np.float32) for name, value in values.items()})


def score(first, **options):
    first = np.array(first)
    return trained(**options).scores(np.log(np.stack([first, 1 - first], axis=1)).astype(np.float32))


def test_a_doubtful_frame_goes_with_its_neighbours():
    assert score([0.9, 0.3, 0.9]).argmax(1).tolist() == [0, 0, 0]


def test_scores_by_hand():
    # Two frames for label 0 at 0.75. Paths: 00 and 11 stay at 0.9, 01 and 10 change at 0.1.
    paths = {"00": 0.9 * 0.75**2, "11": 0.9 * 0.25**2, "01": 0.1 * 0.75 * 0.25, "10": 0.1 * 0.25 * 0.75}
    best = [max(paths["00"], paths["01"]), max(paths["10"], paths["11"])]
    np.testing.assert_allclose(score([0.75, 0.75]), np.tile(best / np.sum(best), [2, 1]), rtol=1e-4)
    roots = np.sqrt(best)
    warm = score([0.75, 0.75], temperature=2.0)
    np.testing.assert_allclose(warm, np.tile(roots / roots.sum(), [2, 1]), rtol=1e-4)


def test_a_causal_head_does_not_look_ahead():
    first = [0.9, 0.3, 0.9, 0.1, 0.1]
    whole = score(first, causal=True)
    for frames in range(1, len(first)):
        np.testing.assert_allclose(score(first[:frames], causal=True), whole[:frames], atol=1e-6)


def test_a_frame_says_less_under_a_smaller_weight():
    assert score([0.9, 0.05, 0.9]).argmax(1).tolist() == [0, 0, 0]
    assert score([0.9, 0.05, 0.9], weight=3.0).argmax(1).tolist() == [0, 1, 0]


def test_a_score_says_less_for_a_label_that_is_common_anyway():
    assert score([0.6]).argmax(1).tolist() == [0]
    assert score([0.6], prior=0.8).argmax(1).tolist() == [1]


def test_a_score_of_nothing_stays_finite():
    scores = trained().scores(np.array([[1000, 0], [0, 1000]], np.float32))
    assert np.isfinite(scores).all()
    assert scores.argmax(1).tolist() == [0, 1]


@pytest.mark.parametrize("causal", [False, True])
def test_a_frozen_head_is_plain_computation(causal):
    graph_def = trained(causal).freeze(2).graph.as_graph_def()
    require_allowed_ops(graph_def, "graph.pb")
    assert not {node.op for node in graph_def.node} & {"VarHandleOp", "VariableV2"}


def test_the_weight_that_is_asked_for_is_taken():
    fitted = make(emission_weight=0.25).fit(Fitting([show_video([0, 1])], [show_video([0, 1])], 0.5))
    assert fitted[EMISSION_WEIGHT] == np.float32(0.25)
    assert {value.dtype.name for value in fitted.values()} == {"float32"}
    assert set(fitted) == {START, TRANSITIONS, PRIOR, EMISSION_WEIGHT, TEMPERATURE}


def test_the_weight_is_chosen_on_validation(capsys):
    labels = [0] * 20 + [1] * 20
    called = list(labels)
    # Three frames in a row are called wrongly and surely: at weight 1 they outweigh two changes.
    called[8:11] = [1, 1, 1]
    train = [show_video(labels, sure=0.95)] * 3
    fitted = make().fit(Fitting(train, [show_video(labels, called, sure=0.95)], 0.5))
    assert fitted[EMISSION_WEIGHT] < 1
    assert "100.0% of the validation frames are right, 92.5% without it" in capsys.readouterr().err


def test_of_weights_that_do_equally_well_the_plain_one_is_taken():
    video = show_video([0] * 5 + [1] * 5, sure=0.9)
    assert make().fit(Fitting([video], [video], 0.5))[EMISSION_WEIGHT] == 1


def test_without_validation_the_plain_weight_is_taken_and_it_is_told(capsys):
    fitted = make().fit(Fitting([show_video([0, 1])], [], 0.5))
    assert fitted[EMISSION_WEIGHT] == fitted[TEMPERATURE] == 1
    assert "no validation videos to choose head.emission_weight on; it takes 1" in capsys.readouterr().err


def test_the_temperature_makes_frequencies_of_scores():
    # Right in three frames of four, by a factor of 81 each: at a temperature of 4 that is 3 to 1.
    log_scores = np.log(np.full([4, 2], [81 / 82, 1 / 82], np.float32))
    videos = [ScoredVideo(log_scores, np.array(labels)) for labels in ([0, 0, 0, 1], [1, 0, 0, 0])]
    assert choose_temperature([log_scores] * 2, videos) == 4


def test_scores_that_are_always_right_are_left_as_they_are():
    log_scores = np.log(np.full([4, 2], [0.9, 0.1], np.float32))
    assert choose_temperature([log_scores], [ScoredVideo(log_scores, np.zeros(4, np.int64))]) == 1


def test_a_weight_that_is_asked_for_gets_a_temperature_too():
    # Three of eight frames are called wrongly, and the path follows them.
    video = show_video([0] * 8, called=[0, 0, 1, 1, 1, 0, 0, 0], sure=0.9)
    fitted = make(emission_weight=10.0).fit(Fitting([video], [video], 0.5))
    assert fitted[EMISSION_WEIGHT] == 10
    assert fitted[TEMPERATURE] > 1
