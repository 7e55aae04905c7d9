"""The schema of every option: what may be set, of which type and range. `conf/*.yaml` holds the values.

Hydra composes the YAML against these classes, so a misspelt option is refused; `validate` methods check what a type
cannot say. Library code is handed these objects, never a DictConfig.
"""

from graphcore.config.checks import LARGEST_SEED
from graphcore.config.commands import Config, EvaluateConfig, ExportConfig, PredictConfig
from graphcore.config.division import GROUPINGS, AuditConfig, ShardsConfig, SplitConfig
from graphcore.config.learning import (
    AdamConfig,
    CosineConfig,
    ExponentialConfig,
    OptimizerConfig,
    ScheduleConfig,
    SgdConfig,
    TrainerConfig,
)
from graphcore.config.network import AugmentConfig, BackboneConfig, HeadConfig
from graphcore.config.pictures import DatasetConfig, FractalsConfig, ImageFolderConfig, ImageListConfig, PicturesConfig
from graphcore.config.videos import (
    ANNOTATION_FORMATS,
    SEGMENT_COLUMNS,
    ProceduresConfig,
    SutureScenesConfig,
    VideoConfig,
)

__all__ = [
    "ANNOTATION_FORMATS",
    "GROUPINGS",
    "LARGEST_SEED",
    "SEGMENT_COLUMNS",
    "AdamConfig",
    "AuditConfig",
    "AugmentConfig",
    "BackboneConfig",
    "Config",
    "CosineConfig",
    "DatasetConfig",
    "EvaluateConfig",
    "ExponentialConfig",
    "ExportConfig",
    "FractalsConfig",
    "HeadConfig",
    "ImageFolderConfig",
    "ImageListConfig",
    "OptimizerConfig",
    "PicturesConfig",
    "PredictConfig",
    "ProceduresConfig",
    "ScheduleConfig",
    "SgdConfig",
    "ShardsConfig",
    "SplitConfig",
    "SutureScenesConfig",
    "TrainerConfig",
    "VideoConfig",
]
