from graphcore.config.network import TecnoHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.tecno import make_head


def test_it_is_causal_and_of_the_published_size():
    head = make_head(TecnoHeadConfig("tecno"), 7, 0)
    with tf.Graph().as_default():
        stages = head.build_stages(tf.zeros([1, 3, 2048]), None)
        names = {variable.op.name for variable in tf1.model_variables()}
    assert head.causal
    assert len(stages) == 2
    assert {name for name in names if "/layer_8/" in name} == {
        f"head/tecno/stage_{stage}/layer_8/{part}/{kind}"
        for stage in (1, 2)
        for part in ("dilated", "project")
        for kind in ("weights", "biases")
    }
    assert not [name for name in names if "layer_9" in name]
