"""What a graph from a stranger may do: compute, and nothing else.

A GraphDef is a program. TensorFlow has operations that read and write files, talk to the network and call
Python, and running a model that holds them runs those too; some even run while a graph is only imported, when
TensorFlow works out the shapes that follow from constants. So only operations that turn tensors into tensors
are let in, by name and before anything is imported; one that this list does not know is refused as well.

Functions count wherever they stand in the graph's library, called or not: a name in an attribute may be all that
leads to one. Attributes need no list. Those that hold a path belong to operations that are not let in; a device of
another machine is one that a local session does not have; shared_name and container name variables of the session
that the graph runs in, and each program has a session of its own. What this does not keep out is a graph that
computes for ever, or asks for more memory than there is.
"""

from __future__ import annotations

import re
from typing import Any

from graphcore.errors import InputError
from graphcore.graph.calls import require_bounded_calls
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
    Abs AccumulateNV2 Acos Acosh Add AddN AddV2 All Any ArgMax ArgMin Asin Asinh Atan Atan2 Atanh BatchMatMul
    BatchMatMulV2 BatchMatMulV3 Ceil ClipByValue Cos Cosh Cumprod Cumsum Div DivNoNan Einsum Equal Erf Erfc Exp
    Expm1 Floor FloorDiv FloorMod Greater GreaterEqual Inv IsFinite IsInf IsNan Less LessEqual Log Log1p
    LogicalAnd LogicalNot LogicalOr MatMul Max Maximum Mean Min Minimum Mod Mul MulNoNan Neg NotEqual Pow Prod
    RealDiv Reciprocal Rint Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square SquaredDifference Sub Sum Tan Tanh TopK
    TopKV2 TruncateDiv TruncateMod Xdivy Xlogy
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


# What an operation outside the list does, told by its name; the first that fits.
_REASONS = (
    (re.compile(r"PyFunc|^Eager|NumbaFunc"), "calls Python"),
    (re.compile(r"Rpc|Send|Recv|Collective|Nccl|DataService|Distributed|BigQuery|Bigtable"), "talks to other machines"),
    (re.compile(r"File|Save|Restore|Checkpoint|Reader|TextLine|Record|Lookup|Table|Summary|Vocab"), "touches files"),
    (re.compile(r"Print|Debug|Abort|Timestamp|Env"), "acts on the process"),
    (re.compile(r"Dataset|Iterator|Queue|Barrier|Stage"), "feeds itself"),
)


def find_forbidden_ops(graph_def: Any) -> list[str]:
    """Returns the operations outside `ALLOWED_OPS`, sorted; the graph's own functions count too."""
    own_names = {function.signature.name for function in graph_def.library.function}
    # A function may be called by its own name, and is judged by its body; one with an operation's name
    # would hide that operation, so it is not excused.
    excused = {name for name in own_names if not hasattr(tf.raw_ops, name)}
    return sorted({node.op for node in _all_nodes(graph_def)} - ALLOWED_OPS - excused)


def explain_op(op: str) -> str:
    """The name of an operation outside the list, and what it does where its name says so."""
    reason = next((reason for pattern, reason in _REASONS if pattern.search(op)), None)
    return f"{op} ({reason})" if reason else op


def require_allowed_ops(graph_def: Any, origin: str) -> None:
    """Lets a graph pass that only computes.

    Args:
        graph_def: a `GraphDef`.
        origin: what the message calls it, such as its path.

    Raises:
        InputError: it holds operations that could do more, and the message names them; or its functions call each
            other without an end.
    """
    forbidden = find_forbidden_ops(graph_def)
    if forbidden:
        raise InputError(
            f"{origin} is refused: it holds operations that are not plain computation: "
            f"{', '.join(map(explain_op, forbidden))}.",
            next_step="A stranger's graph may only compute; read_program(path, trusted=True) takes one that you trust.",
        )
    require_bounded_calls(graph_def, origin)


def _all_nodes(graph_def: Any) -> list[Any]:
    return [*graph_def.node, *(node for function in graph_def.library.function for node in function.node_def)]
