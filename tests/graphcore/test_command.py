import errno
import os
import signal
import subprocess
import sys
import time

import hydra
import pytest

from graphcore import command, composing, config
from graphcore.errors import ConfigError, DatasetError


def compose(*overrides, config_name="config"):
    with hydra.initialize_config_dir(config_dir=str(composing.find_config(config_name)), version_base="1.3"):
        return composing.to_options(hydra.compose(config_name, overrides=list(overrides)), config_name)


def refusal(capsys, *arguments, config_name="config", monkeypatch, function=lambda options: None):
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    with pytest.raises(SystemExit) as ended:
        command.run_command(function, config_name, job="train" if config_name == "config" else config_name)
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("kind", ["image_folder", "fractals", "video", "suture_scenes"])
def test_each_dataset_composes_to_its_own_class(kind):
    options = compose(f"dataset={kind}")
    assert options.dataset.kind == kind
    assert type(options.dataset) is composing.VARIANTS["dataset"][1][kind]


@pytest.mark.parametrize("schedule", ["fixed", "exponential", "cosine"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_optimizers_and_schedules_compose(optimizer, schedule):
    options = compose(f"optimizer={optimizer}", f"schedule={schedule}")
    assert (options.optimizer.name, options.schedule.name) == (optimizer, schedule)


def test_every_yaml_file_of_a_group_composes():
    for path in sorted(composing.CONF_DIR.glob("*/*.yaml")):
        group = path.parent.name
        if group == "verbs":
            continue
        override = f"+experiment={path.stem}" if group == "experiment" else f"{group}={path.stem}"
        assert isinstance(compose(override), config.Config), path


def test_yaml_and_schema_agree_on_the_defaults():
    options = compose()
    for group in ("split", "shards", "backbone", "head", "augment", "trainer"):
        assert getattr(options, group) == getattr(config.Config(), group), group
    assert options.optimizer == config.AdamConfig()
    assert options.schedule == config.ScheduleConfig()


def test_split_of_evaluate_is_no_choice_of_the_group_split():
    assert compose("run=r", "split=validation", config_name="evaluate").split == "validation"


def test_every_yaml_file_opens_by_saying_what_it_is():
    for path in composing.CONF_DIR.glob("*/*.yaml"):
        assert path.parent == composing.VERBS_DIR or path.read_text().startswith("#"), path


def test_misspelt_option_lists_the_choices_and_guesses(capsys, monkeypatch):
    text = refusal(capsys, "dataset=video", "dataset.every_sec=2", monkeypatch=monkeypatch)
    assert "There is no option dataset.every_sec." in text
    assert "Choices: annotation_format, annotation_fps, annotations, boundary_margin_secs" in text
    assert "Did you mean dataset.every_secs?" in text
    assert "train --help" in text


def test_misspelt_option_of_an_experiment_is_refused_too():
    with pytest.raises(ConfigError, match=r"There is no option trainer.step.\n(.|\n)*Did you mean trainer.steps"):
        compose("+trainer.step=3")


def test_unknown_choice_of_a_group_lists_the_choices(capsys, monkeypatch):
    text = refusal(capsys, "dataset=image_foldr", monkeypatch=monkeypatch)
    assert "There is no dataset=image_foldr." in text
    assert "Did you mean dataset=image_folder?" in text


def test_unknown_experiment_lists_those_that_exist(capsys, monkeypatch):
    text = refusal(capsys, "+experiment=sutring", monkeypatch=monkeypatch)
    assert "Did you mean +experiment=suturing?" in text


def test_wrong_type_names_option_and_value(capsys, monkeypatch):
    text = refusal(capsys, "optimizer.learning_rate=fast", monkeypatch=monkeypatch)
    assert text == "error: optimizer.learning_rate=fast is not a number.\n"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("trainer.steps=1.5", "trainer.steps=1.5 is not a whole number."),
        ("augment.flip_left_right=maybe", "augment.flip_left_right=maybe is not true or false."),
        ("optimizer.learning_rate=[1]", r"optimizer.learning_rate=\[1\] is not a number."),
        ("optimizer.clip_norm=null", r"optimizer.clip_norm cannot be null.\nGive it a value, .*"),
        ("test=5", r"test=5 is one value, and test is several options.\nChoices: test.top_k, .*, test.resamples\."),
        ("dataset.dir=[a]", r"dataset.dir=\['a'\] is a list, and one value is wanted.\nGive one: dataset.dir=VALUE."),
        ("dataset.dir={a: 1}", r"dataset.dir={'a': 1} is names with values, and one value is wanted(?s:.*)"),
    ],
)
def test_wrong_types_are_told_in_plain_words(given, message):
    with pytest.raises(ConfigError, match=f"^{message}$"):
        compose(given)


def test_a_value_where_a_list_belongs_is_shown_as_a_list():
    with pytest.raises(ConfigError, match=r"runs=a is not a list\.\nQuote it for the shell: 'runs=\[a\]'"):
        compose("runs=a", config_name="compare")


def test_names_with_values_where_a_list_of_a_command_belongs_are_named():
    with pytest.raises(ConfigError, match=r"^runs={'a': 'b'} is not a list\.$"):
        compose("runs={a: b}", config_name="compare")


def test_a_list_where_names_with_values_belong_is_named():
    with pytest.raises(ConfigError, match=r"(?s)^trainer.learning_rate_multipliers=\[0.1\] is a list.*\{NAME: VALUE\}"):
        compose("trainer=finetune", "trainer.learning_rate_multipliers=[0.1]")


def test_names_with_values_where_a_list_belongs_are_named(capsys, monkeypatch):
    text = refusal(capsys, "head=mlp", "head.widths={a: 1}", monkeypatch=monkeypatch)
    assert "head.widths={a: 1} is not of the kind of value that head.widths has." in text


def test_options_with_dashes_are_shown_without(capsys, monkeypatch):
    text = refusal(capsys, "--batch-size=5", monkeypatch=monkeypatch)
    assert "There is no --batch-size: options are written without dashes, as name=value." in text
    assert "Did you mean batch_size=5?" in text


def test_paths_with_signs_of_hydra_are_shown_quoted(capsys, monkeypatch):
    text = refusal(capsys, "dataset.dir=my photos (2024)", monkeypatch=monkeypatch)
    assert """'dataset.dir="my photos (2024)"'""" in text


def test_value_with_a_comma_is_shown_as_sweep_text_and_list(capsys, monkeypatch):
    text = refusal(capsys, "dataset.dir=a,b", monkeypatch=monkeypatch)
    assert "needs -m" in text
    assert """'dataset.dir="a,b"'""" in text


def test_experiment_without_its_plus_sign(capsys, monkeypatch):
    text = refusal(capsys, "experiment=suturing", monkeypatch=monkeypatch)
    assert "Did you mean +experiment=suturing?" in text


def test_multirun_may_stand_anywhere(monkeypatch, tmp_path):
    seeds = []
    monkeypatch.setattr(sys, "argv", ["train", "dataset=video", "-m", "seed=1,2", f"hydra.sweep.dir={tmp_path}"])
    command.run_command(lambda options: seeds.append(options.seed), writes_run=True)
    assert seeds == [1, 2]


@pytest.mark.parametrize("below", ["", "/run"])
def test_run_folder_that_cannot_be_made_is_named(below, capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(sys, "argv", ["train", f"hydra.run.dir={tmp_path}/file{below}"])
    with pytest.raises(SystemExit) as ended:
        command.run_command(lambda options: None, writes_run=True)
    assert ended.value.code == 2
    text = capsys.readouterr().err
    assert f"hydra.run.dir={tmp_path}/file" in text
    assert "Give another hydra.run.dir." in text


def test_missing_option_says_how_to_give_it(capsys, monkeypatch):
    text = refusal(capsys, config_name="evaluate", monkeypatch=monkeypatch)
    assert text == "error: Nothing is given for run.\nAdd run=... to the command.\n"


def test_mistake_ends_with_status_2_and_no_traceback(capsys, monkeypatch):
    def fail(options):
        raise DatasetError("no such folder: x")

    text = refusal(capsys, monkeypatch=monkeypatch, function=fail)
    assert text == "error: no such folder: x\n"


def test_full_disk_is_told_without_a_traceback(capsys):
    def fill():
        raise OSError(28, "No space left on device", "records/train.tfrecord")

    with pytest.raises(SystemExit) as ended:
        command.guard(fill)
    assert ended.value.code == 2
    assert "records/train.tfrecord: No space left on device." in capsys.readouterr().err


def test_file_in_the_place_of_a_folder_is_told_without_a_traceback(capsys):
    def replace():
        raise OSError(errno.EISDIR, "Is a directory", ".x.tmp", None, "scores.csv")

    with pytest.raises(SystemExit) as ended:
        command.guard(replace)
    assert ended.value.code == 2
    assert "error: scores.csv: Is a directory." in capsys.readouterr().err


def test_interruption_says_how_to_go_on(capsys):
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        command.guard(interrupt)
    assert ended.value.code == 130
    assert "Run the same command again" in capsys.readouterr().err


class ResourceExhaustedError(Exception):
    """As TensorFlow's is called."""


@pytest.mark.parametrize("kind", [MemoryError, ResourceExhaustedError])
def test_too_little_memory_is_told_with_ways_out(kind, capsys):
    def exhaust():
        raise kind

    with pytest.raises(SystemExit) as ended:
        command.guard(exhaust)
    assert ended.value.code == 2
    assert "Lower trainer.batch_size" in capsys.readouterr().err


def test_fault_of_ours_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        command.guard(lambda: 1 / 0)


@pytest.mark.parametrize("job", ["train", "convert", "audit", "evaluate", "predict", "export"])
def test_help_answers_without_tensorflow(job):
    program = (
        "import runpy, sys; sys.argv = ['x', '--help']\n"
        "try: runpy.run_module('graphcore.%s', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print('heavy:', sorted({'tensorflow', 'matplotlib', 'tf_slim'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program % job], capture_output=True, text=True, check=True)
    assert "heavy: []" in shown.stdout
    assert "Options, set as name=value" in shown.stdout


@pytest.mark.parametrize("job", ["train", "evaluate", "predict", "export"])
def test_help_of_what_works_on_runs_answers_without_numpy(job):
    program = (
        "import runpy, sys; sys.argv = ['x', '--help']\n"
        "try: runpy.run_module('graphcore.%s', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print('heavy:', sorted({'numpy', 'av', 'PIL'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program % job], capture_output=True, text=True, check=True)
    assert "heavy: []" in shown.stdout


@pytest.mark.parametrize(
    ("given", "handed_on"),
    [
        ("dataset.recordings={subject}_{chapter:2}", 'dataset.recordings="{subject}_{chapter:2}"'),
        ("dataset.pattern={split}/{class}/{name}", 'dataset.pattern="{split}/{class}/{name}"'),
        ('dataset.pattern="{class}/{name}"', 'dataset.pattern="{class}/{name}"'),
        ("dataset.recordings={morning: [a.mp4, b.mp4]}", "dataset.recordings={morning: [a.mp4, b.mp4]}"),
        ("dataset.recordings=[[a.mp4],[b.mp4]]", "dataset.recordings=[[a.mp4],[b.mp4]]"),
        ("dataset.labels={a: b}", "dataset.labels={a: b}"),
        ("dataset.pattern", "dataset.pattern"),
    ],
)
def test_patterns_need_no_quotes_of_hydras(given, handed_on):
    assert command.quote_pattern(given) == handed_on


def test_a_file_that_may_grow_no_further_is_no_fault_of_ours(capsys):
    def write():
        raise OSError(errno.EFBIG, "File too large", "a.tfrecord")

    with pytest.raises(SystemExit) as caught:
        command.guard(write)
    assert caught.value.code == 2
    assert "a.tfrecord: File too large" in capsys.readouterr().err


def test_sigterm_ends_any_stage_as_ctrl_c_does(capsys):
    def action():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as stopped:
        command.guard(action, " with hydra.run.dir=runs/x")
    assert stopped.value.code == command.STATUS_INTERRUPTED
    said = " ".join(capsys.readouterr().err.split())
    assert "Interrupted. Run the same command again with hydra.run.dir=runs/x to go on." in said
    assert signal.getsignal(signal.SIGTERM) is before


SWEEPING = """
import sys
import time
from graphcore import command
from graphcore.errors import RunError

def job(config):
    if config.seed == 1:
        raise RunError("seed 1 is unlucky.", next_step="Take another.")
    if config.seed == 2:
        raise ZeroDivisionError("a bug")
    return 1.0

command.run_command(job, writes_run=True, after_sweep=lambda folder: print("after", folder.name))
"""


def sweep(folder, seeds):
    arguments = ["-m", "dataset=image_folder", f"seed={seeds}", f"hydra.sweep.dir={folder}"]
    return subprocess.run([sys.executable, "-c", SWEEPING, *arguments], capture_output=True, text=True, check=False)


def test_a_failed_job_leaves_its_reason_and_the_sweep_goes_on(tmp_path):
    done = sweep(tmp_path / "s", "0,1,3")
    assert done.returncode == command.STATUS_MISTAKE
    assert (tmp_path / "s" / "1" / "failed.txt").read_text() == "seed 1 is unlucky.\nTake another.\n"
    assert not (tmp_path / "s" / "2" / "failed.txt").exists()
    assert "Job 2: dataset=image_folder, seed=3" in done.stderr
    assert "after s" in done.stdout
    assert "Traceback" not in done.stderr
    again = sweep(tmp_path / "s", "0,4,3")
    assert again.returncode == 0, again.stderr
    assert not (tmp_path / "s" / "1" / "failed.txt").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sweep_that_is_stopped_between_two_jobs_says_how_to_go_on(tmp_path, number):
    stopped_later = SWEEPING.replace(
        "import sys",
        f"""import os, signal, sys
from hydra.core import utils
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background job does not have
run_job = utils.run_job
def stop(*given, **named):
    if "seed=3" in named["config"].hydra.overrides.task:
        os.kill(os.getpid(), {int(number)})
    return run_job(*given, **named)
utils.run_job = stop
""",
    )
    arguments = ["-m", "dataset=image_folder", "seed=0,3", f"hydra.sweep.dir={tmp_path / 's'}"]
    done = subprocess.run([sys.executable, "-c", stopped_later, *arguments], capture_output=True, text=True)
    assert done.returncode == command.STATUS_INTERRUPTED
    said = " ".join(done.stderr.split())
    assert f"Interrupted. Run the same command again with hydra.sweep.dir={tmp_path / 's'} to go on." in said
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_in_a_job_is_not_hidden_but_the_others_run(tmp_path):
    done = sweep(tmp_path / "s", "2,3")
    assert done.returncode not in (0, command.STATUS_MISTAKE)
    assert "ZeroDivisionError: a bug" in done.stderr
    assert (tmp_path / "s" / "0" / "failed.txt").read_text() == "ZeroDivisionError: a bug\n"
    assert "Job 1: dataset=image_folder, seed=3" in done.stderr


@pytest.mark.parametrize(
    ("given", "ordered"),
    [
        (["a=1", "--help"], ["--help", "a=1"]),
        (["a=1", "-m", "b=2,3"], ["-m", "a=1", "b=2,3"]),
        (["a=1", "--cfg", "job", "b=2", "--resolve"], ["--cfg", "job", "--resolve", "a=1", "b=2"]),
        (["--cfg=job", "a=1"], ["--cfg=job", "a=1"]),
    ],
)
def test_flags_come_first_with_their_values(given, ordered):
    assert command.put_flags_first(given) == ordered


@pytest.mark.parametrize(
    ("given", "inputs"),
    [("inputs=new.mp4", ["new.mp4"]), ("inputs=[new.mp4]", ["new.mp4"]), ("inputs=[a,b]", ["a", "b"])],
)
def test_one_input_needs_no_brackets(given, inputs):
    assert compose("run=RUN", given, config_name="predict").inputs == inputs


def test_several_inputs_without_brackets_are_refused(capsys, monkeypatch):
    message = refusal(capsys, "run=RUN", "inputs=a.jpg,b.jpg", config_name="predict", monkeypatch=monkeypatch)
    assert "inputs" in message
    assert "[a.jpg,b.jpg]" in message
