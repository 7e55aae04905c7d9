import io

import numpy as np
import pytest
from PIL import Image

from graphcore.sweep.jobs import Job, read_jobs
from graphcore.sweep.picture import draw_parallel, write_picture
from graphcore.sweep.summary import summarise


def test_picture_is_a_png_with_lines_on_it(folder, tmp_path):
    assert write_picture(tmp_path / "sweep.png", summarise(read_jobs(folder), "validation/accuracy"))
    pixels = np.asarray(Image.open(tmp_path / "sweep.png").convert("RGB"))
    assert (pixels < 128).all(axis=2).sum() > 200


def test_one_setting_is_no_picture(add_job, tmp_path):
    folder = add_job("0", ["seed=1"], {"validation/accuracy": 0.5})
    assert not write_picture(tmp_path / "sweep.png", summarise(read_jobs(folder), "validation/accuracy"))
    assert not (tmp_path / "sweep.png").exists()


@pytest.mark.parametrize("values", [("linear", "mlp"), ("0.001", "1"), ("null", "5"), ("", "x")])
def test_words_numbers_and_missing_values_can_be_drawn(values):
    jobs = [
        Job(value, {"option": value} if value else {}, {"validation/loss": rank}, "validation/loss")
        for rank, value in enumerate(values)
    ]
    drawn = draw_parallel(summarise(jobs, "validation/loss"))
    assert Image.open(io.BytesIO(drawn)).width > 300
