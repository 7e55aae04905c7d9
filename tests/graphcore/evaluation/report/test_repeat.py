import dataclasses

import numpy as np

from graphcore.evaluation.report.content import Fact
from graphcore.evaluation.report.repeat import make_repeat_section


def test_command_facts_and_versions_are_told(make_content, parse):
    content = make_content([0, 1], np.eye(2), ("a", "b"), command="train 'a=<b>'", facts=[Fact("seed", "<7>")])
    content = dataclasses.replace(content, versions={"numpy": "2.4"})

    page = parse(make_repeat_section(content).to_html())

    assert page.texts[2:] == ["train 'a=<b>'", "seed", "<7>", "Versions", "numpy", "2.4"]


def test_the_evaluations_own_command_stands_before_the_trainings(make_content, parse):
    content = make_content([0, 1], np.eye(2), ("a", "b"), command="train a=1", evaluation="evaluate run=RUN")

    texts = parse(make_repeat_section(content).to_html()).texts

    assert texts[1:] == [
        *("The same command gives the same figures:", "evaluate run=RUN"),
        *("The same command gives the same run:", "train a=1"),
    ]


def test_where_nothing_is_known_there_is_no_section(make_content):
    assert make_repeat_section(make_content([0, 1], np.eye(2), ("a", "b"))) is None
