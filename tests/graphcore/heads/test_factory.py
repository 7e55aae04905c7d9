import pytest

from graphcore.config import HeadConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.heads.factory import get_head


def test_linear_head_gives_a_logit_a_class():
    head = get_head(HeadConfig("linear"), num_classes=4)
    with tf.Graph().as_default():
        logits, _ = head.build(tf.zeros([2, 8]))
    assert logits.shape.as_list() == [2, 4]
    assert all(name.startswith(f"{head.scope}/") for name in head.decayed)


def test_unknown_head_lists_the_choices():
    config = HeadConfig("linear")
    config.name = "cosine"
    with pytest.raises(ConfigError, match=r"(?s)cosine is not known.*linear"):
        get_head(config, 2)


def test_one_class_is_refused():
    with pytest.raises(ConfigError, match="the dataset has 1"):
        get_head(HeadConfig("linear"), 1)
