import contextlib
import pickle
import sys
import threading
from collections import Counter

import hydra
import pytest
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import OmegaConf

from graphcore import command, composing, composing_once

JOBS = (
    ["optimizer.learning_rate=0.01", "head.weight_decay=0"],
    ["optimizer.learning_rate=0.03", "head.weight_decay=0"],
    ["optimizer=sgd", "optimizer.learning_rate=0.01", "head.weight_decay=0.1"],
    ["+experiment=fractals", "optimizer.learning_rate=0.01"],
    ["dataset=video", "dataset.videos=V", "hydra.job.name=other"],
    ["segments={enter:0.5,leave:0.25}", "export.formats=[frozen,saved_model]"],
    ["optimizer.learning_rate=0.01", "head.weight_decay=0"],
)


@contextlib.contextmanager
def a_sweep():
    """What composes the jobs of a sweep, and the options that its jobs start from."""
    with hydra.initialize_config_dir(config_dir=str(composing.CONF_DIR), version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        whole = loader.load_configuration("config", ["hydra.sweep.dir=SWEEP"], RunMode.MULTIRUN)
        yield lambda overrides: loader.load_sweep_config(whole, list(overrides))


def compose_plainly():
    with a_sweep() as compose:
        return [OmegaConf.to_yaml(compose(job)) for job in JOBS]


@pytest.fixture
def count(monkeypatch):
    """Counts the calls of a function by its first arguments that are text."""

    def start(holder, name):
        calls = Counter()
        own = getattr(holder, name)

        def counted(*args, **kwargs):
            calls[tuple(str(getattr(one, "name", one)) for one in args if not isinstance(one, ConfigLoaderImpl))] += 1
            return own(*args, **kwargs)

        monkeypatch.setattr(holder, name, counted)
        return calls

    return start


def test_jobs_are_composed_as_hydra_composes_them():
    expected = compose_plainly()
    with composing_once.composing_once(), a_sweep() as compose:
        ahead = [OmegaConf.to_yaml(compose(job)) for job in JOBS]
        in_turn = [OmegaConf.to_yaml(compose(job)) for job in JOBS]
    assert ahead == expected
    assert in_turn == expected


def test_what_a_job_writes_into_its_options_concerns_no_other():
    with composing_once.composing_once(), a_sweep() as compose:
        first = compose(JOBS[0])
        unchanged = OmegaConf.to_yaml(first)
        for composed in (first, compose(JOBS[0]), compose(JOBS[0])):
            assert OmegaConf.to_yaml(composed) == unchanged
            OmegaConf.update(composed, "hydra.job.num", 7, force_add=True)
            composed.optimizer.learning_rate = 7
            composed.export.formats.append("backbone")


@pytest.mark.parametrize(
    "wrong",
    [
        ["optimizer.learning_rat=1"],
        ["optimizer=adamm"],
        ["+seed=1"],
        ["~seeds"],
        ["segments=3"],
        ["optimiser=adam"],
        ["~trainer=finetune"],
        ["seed="],
        ["seed=[1"],
    ],
)
def test_mistakes_are_hydras_own(wrong):
    def refuse(compose):
        try:
            compose(JOBS[0])
            return OmegaConf.to_yaml(compose(wrong))
        except HydraException as error:
            return f"{type(error)}: {error}, {error.__cause__}"

    with a_sweep() as compose:
        expected = refuse(compose)
    with composing_once.composing_once(), a_sweep() as compose:
        assert refuse(compose) == expected
        assert refuse(compose) == expected


def test_each_yaml_file_is_read_once_in_a_sweep(count):
    calls = count(OmegaConf, "load")
    with composing_once.composing_once(), a_sweep() as compose:
        for job in (*JOBS, *JOBS):
            compose(job)
    assert calls
    assert set(calls.values()) == {1}


def test_a_job_that_was_composed_ahead_is_composed_once(count):
    calls = count(ConfigLoaderImpl, "_load_configuration_impl")
    with composing_once.composing_once(), a_sweep() as compose:
        for job in (*JOBS[:6], *JOBS[:6]):
            compose(job)
    assert calls.total() == 1 + 6  # the sweep's own options, and its jobs


def test_jobs_beyond_those_that_are_kept_are_composed_again(count, monkeypatch):
    monkeypatch.setattr(composing_once, "_MOST_AHEAD", 2)
    calls = count(ConfigLoaderImpl, "_load_configuration_impl")
    with composing_once.composing_once(), a_sweep() as compose:
        for job in (*JOBS[:6], *JOBS[:6]):
            compose(job)
    assert calls.total() == 1 + 6 + 5  # the sweep's own options fill one place


def test_a_launcher_of_processes_can_send_them_what_composes():
    with composing_once.composing_once(), a_sweep() as compose:
        compose(JOBS[0])
        sent = pickle.loads(pickle.dumps(GlobalHydra.instance().config_loader()))
        whole = sent.load_configuration("config", [], RunMode.MULTIRUN)
        assert sent.load_sweep_config(whole, JOBS[0]).optimizer.learning_rate == 0.01


def test_of_another_hydra_nothing_is_kept(monkeypatch):
    monkeypatch.setattr(hydra, "__version__", "1.4.0")
    own = ConfigLoaderImpl.load_configuration
    with composing_once.composing_once():
        assert ConfigLoaderImpl.load_configuration is own


def test_of_a_hydra_without_those_functions_nothing_is_kept(monkeypatch):
    own = ConfigLoaderImpl.load_configuration
    monkeypatch.delattr(ConfigLoaderImpl, "_compose_config_from_defaults_list")
    with composing_once.composing_once():
        assert ConfigLoaderImpl.load_configuration is own


def test_afterwards_hydra_is_as_it_was():
    own = ConfigLoaderImpl.load_configuration
    with contextlib.suppress(ZeroDivisionError), composing_once.composing_once():
        assert ConfigLoaderImpl.load_configuration is not own
        raise ZeroDivisionError
    assert ConfigLoaderImpl.load_configuration is own


def test_what_cannot_be_copied_is_made_each_time():
    copies = composing_once._Copies()
    made = []

    def make():
        made.append(threading.Lock())
        return made[-1]

    assert [copies.get("key", make), copies.get("key", make)] == made
    assert len(made) == 2


def test_a_sweep_composes_each_of_its_jobs_once(count, monkeypatch, tmp_path):
    calls = count(ConfigLoaderImpl, "_load_configuration_impl")
    files = count(OmegaConf, "load")
    rates = []
    arguments = ["-m", "optimizer.learning_rate=0.1,0.2,0.3", f"hydra.sweep.dir={tmp_path}"]
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    command.run_command(lambda options: rates.append(options.optimizer.learning_rate), writes_run=True)
    assert rates == [0.1, 0.2, 0.3]
    assert calls.total() == 2 + 3  # twice what the jobs start from: once to find that it is a sweep
    assert set(files.values()) == {1}


def test_a_misspelt_option_ends_a_sweep_before_its_first_job(capsys, monkeypatch, tmp_path):
    begun = []
    monkeypatch.setattr(sys, "argv", ["train", "-m", "optimizer.rate=0.1,0.2", f"hydra.sweep.dir={tmp_path}"])
    with pytest.raises(SystemExit):
        command.run_command(begun.append, writes_run=True)
    assert not begun
    assert "optimizer.rate" in capsys.readouterr().err
