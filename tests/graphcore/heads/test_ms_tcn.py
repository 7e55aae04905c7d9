from graphcore.config.network import MsTcnHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.ms_tcn import make_head


def test_its_size_is_the_published_one():
    head = make_head(MsTcnHeadConfig("ms_tcn"), 7, 0)
    with tf.Graph().as_default():
        head.build(tf.zeros([3, 2048]))
        weights = sum(variable.shape.num_elements() for variable in tf1.model_variables())
    # 4 stages of 10 layers of a 3 x 64 x 64 and a 64 x 64 product, with inputs of 2048 and then 7.
    layers = 4 * 10 * (3 * 64 * 64 + 64 + 64 * 64 + 64)
    assert weights == layers + (2048 * 64 + 64) + 3 * (7 * 64 + 64) + 4 * (64 * 7 + 7)
    assert not head.causal
