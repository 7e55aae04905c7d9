from __future__ import annotations

import pytest

from graphcore.compat.slim_models import MODELS, choose_augment, find_model
from graphcore.config import BACKBONES
from graphcore.errors import ConfigError


def test_every_model_is_a_backbone():
    assert {model.backbone for model in MODELS.values()} == set(BACKBONES) - {"graph"}


def test_names_say_width_and_size():
    assert (MODELS["mobilenet_v1_050"].width, MODELS["mobilenet_v1_050"].image_size) == (0.5, 224)
    assert MODELS["mobilenet_v2_140"].width == 1.4
    assert (MODELS["inception_v4"].width, MODELS["inception_v4"].image_size) == (None, 299)


def test_networks_of_slim_that_are_not_built_are_told_apart_from_nonsense():
    with pytest.raises(ConfigError, match="nasnet_large is a network that graphcore does not build"):
        find_model("nasnet_large")
    with pytest.raises(ConfigError, match=r"resnet is not known(.|\n)*resnet_v1_50"):
        find_model("resnet")


def test_preparations_are_changes_of_training_pictures():
    resnet, mobilenet = MODELS["resnet_v1_50"], MODELS["mobilenet_v1"]
    assert "augment.min_area=0.05" in choose_augment(mobilenet, None)
    assert "augment.color=0.0" in choose_augment(resnet, None)
    assert choose_augment(resnet, "inception") == choose_augment(mobilenet, None)
    assert choose_augment(mobilenet, "vgg_16") == choose_augment(resnet, None)
    with pytest.raises(ConfigError, match="lenet is for a network that graphcore does not build"):
        choose_augment(mobilenet, "lenet")
    with pytest.raises(ConfigError, match="sharp is not known"):
        choose_augment(mobilenet, "sharp")
