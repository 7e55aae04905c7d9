import subprocess
import sys


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_taken_process_is_frozen_once_at_its_end_after_all_else():
    # What was registered later is called earlier.
    done = run(
        "import atexit, gc\nfrom graphcore import own_process\n"
        "atexit.register(lambda: print('last', gc.get_freeze_count() > 0))\n"
        "own_process.take()\nown_process.take()\n"
        "atexit.register(lambda: print('first', gc.get_freeze_count()))"
    )
    assert done.stdout.split() == ["first", "0", "last", "True"]


def test_exit_status_and_unwritten_lines_are_not_lost():
    done = run(
        "import sys\nfrom graphcore import own_process\nown_process.take()\n"
        "sys.stdout.write('no end of line')\nsys.exit(5)"
    )
    assert (done.returncode, done.stdout) == (5, "no end of line")


def test_imports_are_left_alone_in_a_process_that_was_not_taken():
    done = run(
        "import gc\nfrom graphcore import own_process\nown_process.freeze_imports()\nprint(gc.get_freeze_count())"
    )
    assert done.stdout == "0\n"
