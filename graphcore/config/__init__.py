"""The schema of every option: what may be set, of which type and range. `conf/*.yaml` holds the values.

Hydra composes the YAML against these classes, so a misspelt option is refused; `validate` methods check what a type
cannot say. Library code is handed these objects, never a DictConfig.
"""

from graphcore.config.checks import LARGEST_SEED
from graphcore.config.commands import (
    Config,
    EvaluateConfig,
    ExportConfig,
    PredictConfig,
    SweepConfig,
    TensorboardConfig,
)
from graphcore.config.division import GROUPINGS, AuditConfig, ShardsConfig, SplitConfig
from graphcore.config.learning import (
    OBJECTIVES,
    FinalTestConfig,
    FinetuneConfig,
    ProductsConfig,
    SummariesConfig,
    TrainerConfig,
)
from graphcore.config.network import (
    BACKBONES,
    GRAPH,
    HEADS,
    AugmentConfig,
    BackboneConfig,
    CosineHeadConfig,
    GraphBackboneConfig,
    HeadConfig,
    MlpHeadConfig,
    MultiLabelHeadConfig,
)
from graphcore.config.optimizers import (
    OPTIMIZERS,
    AdadeltaConfig,
    AdagradConfig,
    AdamConfig,
    FtrlConfig,
    MomentumConfig,
    OptimizerConfig,
    RmspropConfig,
    SgdConfig,
)
from graphcore.config.pictures import (
    DatasetConfig,
    FractalsConfig,
    ImageFolderConfig,
    ImageListConfig,
    PicturesConfig,
    RecordFilesConfig,
)
from graphcore.config.schedules import (
    SCHEDULES,
    CosineConfig,
    DecayConfig,
    ExponentialConfig,
    PiecewiseConfig,
    PolynomialConfig,
    ScheduleConfig,
)
from graphcore.config.videos import (
    ANNOTATION_FORMATS,
    SEGMENT_COLUMNS,
    ProceduresConfig,
    SutureScenesConfig,
    VideoConfig,
)

__all__ = [
    "ANNOTATION_FORMATS",
    "BACKBONES",
    "GRAPH",
    "GROUPINGS",
    "HEADS",
    "LARGEST_SEED",
    "OBJECTIVES",
    "OPTIMIZERS",
    "SCHEDULES",
    "SEGMENT_COLUMNS",
    "AdadeltaConfig",
    "AdagradConfig",
    "AdamConfig",
    "AuditConfig",
    "AugmentConfig",
    "BackboneConfig",
    "Config",
    "CosineConfig",
    "CosineHeadConfig",
    "DatasetConfig",
    "DecayConfig",
    "EvaluateConfig",
    "ExponentialConfig",
    "ExportConfig",
    "FinalTestConfig",
    "FinetuneConfig",
    "FractalsConfig",
    "FtrlConfig",
    "GraphBackboneConfig",
    "HeadConfig",
    "ImageFolderConfig",
    "ImageListConfig",
    "MlpHeadConfig",
    "MomentumConfig",
    "MultiLabelHeadConfig",
    "OptimizerConfig",
    "PicturesConfig",
    "PiecewiseConfig",
    "PolynomialConfig",
    "PredictConfig",
    "ProceduresConfig",
    "ProductsConfig",
    "RecordFilesConfig",
    "RmspropConfig",
    "ScheduleConfig",
    "SgdConfig",
    "ShardsConfig",
    "SplitConfig",
    "SummariesConfig",
    "SutureScenesConfig",
    "SweepConfig",
    "TensorboardConfig",
    "TrainerConfig",
    "VideoConfig",
]
