"""What a graph from a stranger may do: compute, and nothing else.

A GraphDef is a program. TensorFlow has operations that read and write files, talk to the network and call
Python, and running a model that holds them runs those too. So only operations that turn tensors into tensors
are let in, by name; one that this list does not know is refused as well.
"""

from __future__ import annotations

from typing import Any

from graphcore.errors import InputError
from graphcore.graph.runtime import tf

_STRUCTURE = """
    Assert Const Fill Identity IdentityN LoopCond NoOp OnesLike Placeholder PlaceholderV2
    PlaceholderWithDefault PreventGradient StopGradient Switch Merge Enter Exit NextIteration RefSwitch
    RefMerge RefEnter RefExit RefNextIteration ZerosLike Snapshot EnsureShape
    If StatelessIf While StatelessWhile Case StatelessCase PartitionedCall StatefulPartitionedCall
    TensorArrayV3 TensorArrayReadV3 TensorArrayWriteV3 TensorArrayGatherV3 TensorArrayScatterV3
    TensorArraySizeV3 TensorListReserve TensorListStack TensorListFromTensor TensorListGetItem
    TensorListSetItem TensorListLength
"""
_VARIABLES = "VarHandleOp ReadVariableOp AssignVariableOp VarIsInitializedOp Variable VariableV2 Assign"
_SHAPES = """
    BatchToSpaceND BroadcastArgs BroadcastTo Bitcast Cast Concat ConcatV2 DepthToSpace ExpandDims Gather
    GatherNd GatherV2 InvertPermutation LinSpace MirrorPad OneHot Pack Pad PadV2 Range Rank Reshape
    ReverseSequence ReverseV2 ScatterNd Select SelectV2 Shape ShapeN Size Slice SpaceToBatchND SpaceToDepth
    Split SplitV Squeeze StridedSlice Tile Transpose Unpack Where
"""
_ARITHMETIC = """
    Abs AccumulateNV2 Add AddN AddV2 All Any ArgMax ArgMin BatchMatMul BatchMatMulV2 BatchMatMulV3 Ceil
    ClipByValue Cos Cumprod Cumsum Div DivNoNan Einsum Equal Erf Exp Expm1 Floor FloorDiv FloorMod Greater
    GreaterEqual Inv IsFinite IsInf IsNan Less LessEqual Log Log1p LogicalAnd LogicalNot LogicalOr MatMul Max
    Maximum Mean Min Minimum Mod Mul MulNoNan Neg NotEqual Pow Prod RealDiv Reciprocal Rint Round Rsqrt
    Sigmoid Sign Sin Sqrt Square SquaredDifference Sub Sum Tan Tanh TopK TopKV2 TruncateDiv TruncateMod
"""
_NETWORKS = """
    AvgPool BatchNormWithGlobalNormalization BiasAdd BiasAddV1 Conv2D Conv2DBackpropInput Conv3D
    DepthwiseConv2dNative Elu FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars
    FakeQuantWithMinMaxVarsPerChannel FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 InTopKV2 L2Loss LRN
    LeakyRelu LogSoftmax MaxPool MaxPoolV2 Relu Relu6 Selu Softmax Softplus Softsign FusedPadConv2D
    FusedResizeAndPadConv2D Dequantize QuantizeV2 QuantizedConv2D QuantizedBiasAdd QuantizedRelu
    QuantizedRelu6 QuantizedMaxPool QuantizedAvgPool QuantizedConcat QuantizedMatMul QuantizedReshape
    QuantizeDownAndShrinkRange Requantize RequantizationRange
"""
_PICTURES = """
    AdjustContrastv2 AdjustHue AdjustSaturation CropAndResize DecodeAndCropJpeg DecodeBase64 DecodeBmp
    DecodeGif DecodeImage DecodeJpeg DecodePng DecodeRaw EncodeJpeg EncodePng ExtractGlimpse
    ExtractImagePatches ExtractJpegShape HSVToRGB NonMaxSuppressionV2 NonMaxSuppressionV3 RGBToHSV ResizeArea
    ResizeBicubic ResizeBilinear ResizeNearestNeighbor ScaleAndTranslate
    ParseExample ParseExampleV2 ParseSingleExample
"""

ALLOWED_OPS = frozenset(" ".join([_STRUCTURE, _VARIABLES, _SHAPES, _ARITHMETIC, _NETWORKS, _PICTURES]).split())


def find_forbidden_ops(graph_def: Any) -> list[str]:
    """Returns the operations outside `ALLOWED_OPS`, sorted; the graph's own functions count too."""
    functions = {function.signature.name: function.node_def for function in graph_def.library.function}
    nodes = [*graph_def.node, *(node for body in functions.values() for node in body)]
    # A function may be called by its own name, and is judged by its body; one with an operation's name
    # would hide that operation, so it is not excused.
    own_names = {name for name in functions if not hasattr(tf.raw_ops, name)}
    return sorted({node.op for node in nodes} - ALLOWED_OPS - own_names)


def require_allowed_ops(graph_def: Any, origin: str) -> None:
    """Lets a graph pass that only computes.

    Args:
        graph_def: a `GraphDef`.
        origin: what the message calls it, such as its path.

    Raises:
        InputError: it holds operations that could do more; the message names them.
    """
    forbidden = find_forbidden_ops(graph_def)
    if forbidden:
        raise InputError(
            f"{origin} is refused: it holds operations that are not plain computation: {', '.join(forbidden)}.",
            next_step="Only load graphs from people you trust; if you trust this one, load it as trusted.",
        )
