import math

import pytest

from graphcore import config
from graphcore.errors import ConfigError


def test_shares_must_sum_to_100():
    with pytest.raises(ConfigError, match=r"sum to 70, not 100: split.train=50 split.validation=10 split.test=10"):
        config.SplitConfig(train=50)


def test_nothing_to_train_on():
    with pytest.raises(ConfigError, match=r"split.train=0 leaves nothing"):
        config.SplitConfig(train=0, validation=50, test=50)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: config.ImageFolderConfig(kind="image_folder", format="webp"),
            r"dataset.format=webp is not known.\nChoices: jpeg, png",
        ),
        (
            lambda: config.ImageFolderConfig(kind="image_folder", name="../x"),
            r"dataset.name=../x cannot be the name of a folder.\nGive a plain name; dataset.records=DIR",
        ),
        (lambda: config.ImageFolderConfig(kind="image_folder", name=".."), r"dataset.name=.. cannot be"),
        (lambda: config.ImageFolderConfig(kind="image_folder", name=""), r"dataset.name= cannot be"),
        (
            lambda: config.ImageFolderConfig(kind="image_folder", quality=0),
            r"dataset.quality=0 is out of range: 1 to 100",
        ),
        (lambda: config.ImageFolderConfig(kind="image_folder", size=3), r"dataset.size=3 is out of range"),
        (lambda: config.VideoConfig(kind="video", every_secs=0), r"dataset.every_secs=0 is out of range"),
        (
            lambda: config.SplitConfig(group_by="folder"),
            r"split.group_by=folder is not known.\nChoices: file, video, recording, subject",
        ),
        (
            lambda: config.BackboneConfig(executor="onnx"),
            r"backbone.executor=onnx is not known.\nChoices: auto, tensorflow, xnnpack",
        ),
        (lambda: config.ShardsConfig(size_mib=-1), r"shards.size_mib=-1 is out of range"),
        (
            lambda: config.HeadConfig(class_weights="some"),
            r"head.class_weights=some is not known.\nChoices: none, balanced",
        ),
        (lambda: config.AugmentConfig(random_crop=120), r"augment.random_crop=120 is out of range: 0 to 99 percent"),
        (lambda: config.AdamConfig(learning_rate=math.nan), r"optimizer.learning_rate=nan is out of range"),
        (lambda: config.GruHeadConfig("gru", units=0), r"head.units=0 is out of range: 1 to 4096"),
        (lambda: config.MsTcnHeadConfig("ms_tcn", layers=40), r"head.layers=40 is out of range: 1 to 16"),
        (lambda: config.TecnoHeadConfig("tecno", window=1), r"head.window=1 is out of range: 2 to 1000000 frames"),
        (lambda: config.HmmHeadConfig("hmm", pseudo_count=0), r"head.pseudo_count=0 is out of range"),
        (lambda: config.HmmHeadConfig("hmm", emission_weight=0), r"head.emission_weight=0 is out of range: .* or null"),
        (
            lambda: config.MedianHeadConfig("median", width_secs=-1),
            r"head.width_secs=-1 is out of range: 0 to 86400 sec",
        ),
        (lambda: config.SegmentsConfig(enter=1.5), r"segments.enter=1.5 is out of range: 0 to 1 or null"),
        (
            lambda: config.SegmentsConfig(enter=0.3, leave=0.6),
            r"segments.leave=0.6 is above segments.enter=0.3: .*\nGive leave no more than enter.",
        ),
        (
            lambda: config.EvaluateConfig(heads=[]),
            r"heads=\[\] names no head.\nChoices: linear, .*\nName some, or leave",
        ),
        (lambda: config.EvaluateConfig(heads=["lstm"]), r"heads=lstm is not known.\nChoices: linear, mlp, .*tecno"),
        (
            lambda: config.EvaluateConfig(heads=["mlp"], watch=True),
            "heads and watch are evaluations of different kinds",
        ),
        (lambda: config.EvaluateConfig(relax_secs=-1), "relax_secs=-1 is out of range"),
        (
            lambda: config.PredictConfig(annotation_format="spreadsheet"),
            r"annotation_format=spreadsheet is read, not written.\nChoices: graphcore, ms_tcn, elan",
        ),
        (
            lambda: config.PredictConfig(annotation_format="srt"),
            r"annotation_format=srt is not known.\nChoices: graphcore",
        ),
        (lambda: config.CompareConfig(resamples=5), "resamples=5 is out of range: 100 to"),
        (lambda: config.AdamConfig(beta1=2), r"optimizer.beta1=2 is out of range: 0 to 0.999999"),
        (lambda: config.AdamConfig(beta2=-1), r"optimizer.beta2=-1 is out of range"),
        (lambda: config.AdamConfig(epsilon=0), r"optimizer.epsilon=0 is out of range"),
        (lambda: config.SgdConfig(momentum=1.5), r"optimizer.momentum=1.5 is out of range"),
        (lambda: config.ExponentialConfig(decay_rate=-1), r"schedule.decay_rate=-1 is out of range"),
        (lambda: config.ExponentialConfig(decay_steps=0), r"schedule.decay_steps=0 .*: 1 or more steps, or null"),
        (lambda: config.CosineConfig(end_factor=2), r"schedule.end_factor=2 is out of range: 0 to 1"),
        (lambda: config.CosineConfig(decay_steps=-3), r"schedule.decay_steps=-3 is out of range"),
        (lambda: config.Config(seed=-1), r"seed=-1 is out of range: 0 to"),
        (lambda: config.FractalsConfig(kind="fractals", seed=-1), r"dataset.seed=-1 is out of range"),
        (lambda: config.SutureScenesConfig(kind="suture_scenes", seed=-1), r"dataset.seed=-1 is out of range"),
        (lambda: config.FinetuneConfig(ema_decay=1), r"trainer.ema_decay=1 is out of range: 0 to 0.9999999\."),
        (lambda: config.MlpHeadConfig("mlp", widths=[9, 70_000]), r"head.widths=70000 is out of range: 1 to 65536"),
        (
            lambda: config.MlpHeadConfig("mlp", widths=[65_536, 65_536]),
            r"65536 to 65536 is a layer of 4,294,967,296 weights",
        ),
        (
            lambda: config.ProductsConfig(formats=["tflite"]),
            r"export.formats=tflite is not known.\nChoices: frozen, saved_model, backbone",
        ),
        (lambda: config.ProductsConfig(formats=[]), r"export.formats is empty"),
        (lambda: config.ProductsConfig(output_name="Input"), r"export.output_name=Input is a name that the exported"),
        (lambda: config.ProductsConfig(output_name="scores/"), r"export.output_name=scores/ is a name"),
        (lambda: config.ProductsConfig(output_name="a b"), r"export.output_name=a b cannot be the name of a node"),
        (lambda: config.TrainerConfig(steps=0), r"trainer.steps=0 is out of range: 1 or more\."),
        (lambda: config.TrainerConfig(objective="test/accuracy"), r"trainer.objective=test/accuracy is not known"),
        (
            lambda: config.EvaluateConfig(run="r", split="all"),
            r"split=all is not known.\nChoices: train, validation, test",
        ),
    ],
)
def test_bad_value_is_named_with_its_choices_or_range(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_augment_is_off_only_when_everything_is():
    assert config.AugmentConfig().is_off()
    assert not config.AugmentConfig(flip_left_right=True).is_off()


@pytest.mark.parametrize(
    ("head", "rate"),
    [
        (config.HeadConfig(), 0.01),
        (config.MedianHeadConfig("median"), 0.01),
        (config.GruHeadConfig("gru"), 0.003),
        (config.TecnoHeadConfig("tecno"), 0.003),
    ],
)
def test_a_learning_rate_that_is_not_given_is_the_one_that_suits_the_head(head, rate):
    assert config.Config(head=head, optimizer=config.AdamConfig(learning_rate=None)).optimizer.learning_rate == rate


def test_a_learning_rate_that_is_given_stays():
    asked = config.Config(head=config.GruHeadConfig("gru"), optimizer=config.AdamConfig(learning_rate=0.01))
    assert asked.optimizer.rate == 0.01


@pytest.mark.parametrize(
    ("dataset", "kept"),
    [
        (config.ImageFolderConfig(kind="image_folder"), "file"),
        (config.VideoConfig(kind="video"), "video"),
        (config.ProceduresConfig(kind="procedures"), "video"),
    ],
)
def test_what_stays_together_is_the_video_unless_told_otherwise(dataset, kept):
    assert config.Config(dataset=dataset, split=config.SplitConfig(group_by=None)).split.group_by == kept
    assert config.Config(dataset=dataset, split=config.SplitConfig(group_by="subject")).split.group_by == "subject"


def test_lists_of_groups_want_a_grouping_of_pictures():
    pictures = config.ImageFolderConfig(kind="image_folder")
    with pytest.raises(ConfigError, match=r"split\.test_groups names groups, and split\.group_by=file makes none"):
        config.Config(dataset=pictures, split=config.SplitConfig(group_by=None, test_groups=["7"]))
