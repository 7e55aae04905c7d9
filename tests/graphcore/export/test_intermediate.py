import numpy as np

from graphcore.evaluation.backbone import freeze_run_backbone
from graphcore.export.classifier_graph import DECODED, SCORES, build_classifier_graph
from graphcore.export.formats import read_labels
from graphcore.export.intermediate import write_intermediate
from graphcore.graph.program import read_program
from graphcore.graph.runtime import tf1


def test_a_graph_of_parts_says_what_the_finished_one_says(run, tmp_path):
    pixels = np.random.default_rng(5).integers(0, 256, (60, 80, 3), np.uint8)
    backbone, frozen = freeze_run_backbone(run)
    path = tmp_path / "intermediate" / "step-000100.pb"

    write_intermediate(path, backbone, frozen.program, run.read_head(), run.labels, "answers")

    with tf1.Session(graph=build_classifier_graph(run).graph) as session:
        expected = session.run(SCORES, {DECODED: pixels})
    program = read_program(path, {"decoded": DECODED}, {"scores": "answers"})
    np.testing.assert_allclose(program.run({"decoded": pixels})[0], expected, rtol=1e-5)
    program.close()
    assert read_labels(path.with_name("labels.txt")) == run.labels
