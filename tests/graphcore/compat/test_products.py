from __future__ import annotations

import pytest

from graphcore.compat.products import FOLDER, FOUND, LINK, Product, check_products, link_products, place_products
from graphcore.errors import ConfigError


@pytest.fixture
def run(tmp_path):
    """What a run holds of interest."""
    folder = tmp_path / "run"
    for name in ("export/frozen_graph.pb", "export/saved_model/variables/v", "export/intermediate/frozen_graph-250.pb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_a_file_replaces_what_is_there(run, tmp_path):
    place = tmp_path / "out" / "graph.pb"
    place.parent.mkdir()
    place.write_text("old")
    products = [Product("output_graph", "export/frozen_graph.pb", place)]
    check_products(products)
    place_products(products, run)
    assert place.read_text() == "export/frozen_graph.pb"
    assert [path.name for path in place.parent.iterdir()] == ["graph.pb"]


def test_a_folder_is_copied_whole_and_never_over_another(run, tmp_path):
    place = tmp_path / "saved"
    place.mkdir()  # an empty one may be there
    products = [Product("saved_model_dir", "export/saved_model", place, FOLDER)]
    check_products(products)
    place_products(products, run)
    assert (place / "variables" / "v").is_file()
    with pytest.raises(ConfigError, match=r"--saved_model_dir=.*with something in it"):
        check_products(products)


def test_files_of_a_pattern_get_their_old_names(run, tmp_path):
    place = tmp_path / "steps"
    product = Product("d", "export/intermediate/frozen_graph-*.pb", place, FOUND, ("frozen_graph-", "intermediate_"))
    place_products([product], run)
    assert [path.name for path in place.iterdir()] == ["intermediate_250.pb"]


def test_a_link_shows_what_the_run_will_write(run, tmp_path):
    place = tmp_path / "logs" / "run"
    products = [Product("summaries_dir", "summaries", place, LINK)]
    check_products(products)
    link_products(products, run)
    (run / "summaries" / "events").write_text("x")
    assert (place / "events").read_text() == "x"
    check_products(products)  # ours from the last time
    link_products(products, run)
    assert place.is_symlink()


def test_nothing_real_is_replaced_by_a_link(run, tmp_path):
    (tmp_path / "logs").mkdir()
    with pytest.raises(ConfigError, match="exists already, and nothing is removed"):
        check_products([Product("checkpoint_path", "checkpoints", tmp_path / "logs", LINK)])


def test_places_that_cannot_be_written_are_told_before(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is a folder, and a file is to be written"):
        check_products([Product("output_graph", "g", tmp_path)])
    with pytest.raises(ConfigError, match="lies below the file"):
        check_products([Product("output_graph", "g", tmp_path / "file" / "g.pb")])
    with pytest.raises(ConfigError, match="is a file, and a folder is wanted"):
        check_products([Product("saved_model_dir", "g", tmp_path / "file", FOLDER)])
