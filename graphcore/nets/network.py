"""A network in a graph of its own: its variables, and its frozen program, built when there is no other way to them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from graphcore.graph.constants import replace_variables
from graphcore.graph.freeze import fold_batch_norm, import_graph, op_name
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.backbone import FEATURES, IMAGES, LOGITS, Backbone
from graphcore.nets.kept import Variables, keep_program, keep_variables, read_program_of, read_variables_of


class Network:
    """A backbone that may not have to be built.

    Args:
        backbone: the network.
        num_classes: adds its own last layer as output "logits".
        kept_dir: where what is known of networks is kept from one process to the next; None builds it in any case.
    """

    def __init__(self, backbone: Backbone, num_classes: int | None = None, kept_dir: Path | None = None) -> None:
        self.backbone, self._num_classes = backbone, num_classes
        # With a last layer it is another network, and nobody asks for that twice.
        self._kept_dir = kept_dir if num_classes is None else None
        self._built: tuple[Program, list] | None = None

    def list_variables(self) -> Variables:
        """Type and shape of every variable by its name; `keep_variables` keeps them for the next process."""
        known = read_variables_of(self._kept_dir, self.backbone) if self._kept_dir else None
        if known is not None:
            return known
        _, variables = self.build()
        return {each.op.name: (each.dtype.base_dtype.name, tuple(each.shape.as_list())) for each in variables}

    def keep_variables(self) -> None:
        """Keeps what the network was built for."""
        if self._kept_dir and self._built is not None:
            keep_variables(self._kept_dir, self.backbone, self.list_variables())

    def build(self, seed: int = 0) -> tuple[Program, list]:
        """The network as it is restored, "images" to "features" (and "logits"), and its variables."""
        if self._built is None:
            size = self.backbone.input_spec.image_size
            with tf.Graph().as_default() as graph:
                tf1.set_random_seed(seed)
                images = tf1.placeholder(tf.float32, [None, size, size, 3], name=IMAGES)
                net, end_points = self.backbone.build(images, is_training=False, num_classes=self._num_classes)
                outputs = {FEATURES: end_points["features"].name}
                if self._num_classes is not None:
                    outputs[LOGITS] = net.name
                self._built = Program(graph, {IMAGES: images.name}, outputs), tf1.global_variables(self.backbone.scope)
        return self._built

    def freeze(self, values: Mapping[str, np.ndarray], digest: str = "") -> Program:
        """The network with these values as constants, its batch norm folded.

        Args:
            values: arrays by variable name.
            digest: what it is kept by; "" neither looks for it nor keeps it.

        Raises:
            InputError: a variable has no value.
        """
        where = self._kept_dir if digest else None
        program = read_program_of(where, self.backbone, digest) if where else None
        if program is None:
            program = self._freeze(values)
            if where:
                keep_program(where, self.backbone, digest, program)
        self._built = None
        return program

    def _freeze(self, values: Mapping[str, np.ndarray]) -> Program:
        # No session has a part in it: to initialise variables, set them and read them again took as long as to build
        # the network (0.22 s of MobileNet v1's 0.47).
        program, _ = self.build()
        outputs = [op_name(name) for name in program.outputs.values()]
        needed = tf1.graph_util.extract_sub_graph(program.graph.as_graph_def(), outputs)
        frozen = fold_batch_norm(replace_variables(needed, values, self.backbone.title), outputs)
        return Program(import_graph(frozen), program.inputs, program.outputs)
