import pytest

from graphcore.config.network import GruHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.gru import make_head


@pytest.mark.parametrize(("causal", "ways"), [(True, ["forwards"]), (False, ["forwards", "backwards"])])
def test_layers_go_both_ways_unless_causal(causal, ways):
    head = make_head(GruHeadConfig("gru", units=4, layers=2, causal=causal), 3, 0)
    with tf.Graph().as_default():
        head.build(tf.zeros([6, 5]))
        found = {each.op.name: tuple(each.shape) for each in tf1.model_variables()}
    both = 4 * len(ways)
    expected = {"head/gru/logits/weights": (both, 3), "head/gru/logits/biases": (3,)}
    for layer, inputs in ((1, 5), (2, both)):
        for way in ways:
            scope = f"head/gru/layer_{layer}/{way}"
            expected[f"{scope}/weights"], expected[f"{scope}/biases"] = (inputs, 12), (12,)
            expected[f"{scope}/recurrent_weights"] = (4, 12)
    assert found == expected


def test_the_ways_begin_with_weights_of_their_own():
    head = make_head(GruHeadConfig("gru", units=4), 3, 0)
    with tf.Graph().as_default(), tf1.Session() as session:
        head.build(tf.zeros([6, 5]))
        session.run(tf1.global_variables_initializer())
        values = session.run({each.op.name: each for each in tf1.model_variables()})
    for kind in ("weights", "recurrent_weights"):
        first, second = (values[f"head/gru/layer_1/{way}/{kind}"] for way in ("forwards", "backwards"))
        assert (first != second).all()
