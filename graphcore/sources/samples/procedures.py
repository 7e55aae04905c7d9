"""Recordings as a lab makes them: several subjects, several cameras, files that the camera cut into chapters,
and one spreadsheet of which procedure happens when.

    draw_procedures(Path("data/samples/procedures"), Sample(subjects=7, cameras=2, chapters=2, chapter_secs=16))

makes `subject1_camera1_chapter1.mp4` ... and `procedures.csv`, whose rows name a subject and serve all of its
cameras. Times run over the whole recording.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from graphcore import console
from graphcore.errors import ConfigError
from graphcore.sources.samples.ledger import open_ledger
from graphcore.sources.samples.pool import draw_all
from graphcore.sources.samples.procedure_script import Turn, plan_procedures
from graphcore.sources.samples.scene_looks import choose_look
from graphcore.sources.samples.scene_tissue import choose_wound
from graphcore.sources.samples.scene_video import DRAWING_VERSION, Scene, draw_frames, encode_video

SPREADSHEET = "procedures.csv"
PATTERN = "subject{subject}_camera{camera}_chapter{chapter}"
"""How the files are named: the value of `dataset.recordings` that puts them together."""

_VERSION = 1
_FIRST_LOOK = 1000
"""Subjects look like none of the suture scenes."""
_OF_THE_LAB = (
    "tissue", "patches", "wound", "thread", "steel", "accent", "plastic", "drape", "thread_width", "needle_radius",
    "slim_shafts", "grain", "vessels", "gloss", "light", "light_falloff", "exposure", "shadow", "port",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """What is drawn.

    Attributes:
        subjects: people, 1 and up.
        cameras: recordings of each at the same time.
        chapters: files a recording.
        chapter_secs: length of each in seconds.
        width: of the picture in pixels; even, as H.264 wants it.
        height: of the picture in pixels; even.
        fps: frames a second.
        seed: decides every pixel and every time.
    """

    subjects: int = 7
    cameras: int = 2
    chapters: int = 2
    chapter_secs: float = 16.0
    width: int = 192
    height: int = 144
    fps: int = 4
    seed: int = 0

    @property
    def chapter_frames(self) -> int:
        """Whole frames a chapter."""
        return max(1, round(self.chapter_secs * self.fps))

    @property
    def duration_secs(self) -> float:
        """Of a whole recording."""
        return self.chapters * self.chapter_frames / self.fps


def draw_procedures(folder: Path, sample: Sample) -> tuple[Path, Path]:
    """Draws recordings and their spreadsheet; returns at once where they are drawn already.

    A drawing that was cut short is continued. A folder drawn with other parameters is drawn anew.

    Returns:
        The folder of the videos and the spreadsheet.

    Raises:
        ConfigError: a side that H.264 cannot store.
        DatasetError: the folder holds files that were not drawn here.
    """
    for name, value in (("drawn_width", sample.width), ("drawn_height", sample.height)):
        if value % 2:
            raise ConfigError(
                f"dataset.{name}={value} is odd, which H.264 cannot store.", next_step=f"Use {value + 1}."
            )
    folder = Path(folder)
    about = {"samples": "procedures", "version": [_VERSION, DRAWING_VERSION]}
    ledger = open_ledger(folder, {**about, **asdict(sample)})
    cameras = itertools.product(range(1, sample.subjects + 1), range(1, sample.cameras + 1))
    units = [(s, c, sample) for s, c in cameras if not ledger.is_finished(f"subject{s}-camera{c}")]
    if units:
        with console.progress("drawing procedures", total=len(units), unit="recordings") as advance:
            for (subject, camera, _), chapters in draw_all(draw_recording, units):
                files = {_file_name(subject, camera, number + 1): data for number, data in enumerate(chapters)}
                ledger.write_unit(f"subject{subject}-camera{camera}", files)
                advance()
    if not ledger.is_finished("spreadsheet"):
        ledger.write_unit("spreadsheet", {SPREADSHEET: _tabulate(sample)})
    return folder, folder / SPREADSHEET


def draw_recording(subject: int, camera: int, sample: Sample) -> list[bytes]:
    """Draws what a camera sees of a subject, as one MP4 file a chapter."""
    scene, _ = _plan(subject, sample)
    zoom = scene.look.zoom[0] * (1 + 0.25 * ((camera - 1) // 2 % 4))
    view = replace(scene, look=replace(scene.look, zoom=(zoom, scene.look.zoom[1])), seed=(*scene.seed[:-1], camera))
    frames = draw_frames(view, sample.duration_secs, sample.width, sample.height, sample.fps)
    frames = frames if camera % 2 else (np.ascontiguousarray(frame[::-1, ::-1]) for frame in frames)
    return [
        encode_video(itertools.islice(frames, sample.chapter_frames), sample.width, sample.height, sample.fps)
        for _ in range(sample.chapters)
    ]


def list_turns(sample: Sample) -> Iterator[tuple[int, Turn]]:
    """Every subject's procedures in order: what the spreadsheet says."""
    for subject in range(1, sample.subjects + 1):
        for turn in _plan(subject, sample)[1]:
            yield subject, turn


def _plan(subject: int, sample: Sample) -> tuple[Scene, tuple[Turn, ...]]:
    """One script and one look a subject, whoever films it."""
    key = (sample.seed, _VERSION, DRAWING_VERSION, subject)
    rng = np.random.default_rng([*key, 7])
    script, turns = plan_procedures(sample.duration_secs, rng)
    own, lab = choose_look(_FIRST_LOOK + subject, sample.seed), choose_look(_FIRST_LOOK, sample.seed)
    # One lab: everybody practises on the same model with the same instruments, each in their own way.
    look = replace(own, **{name: getattr(lab, name) for name in _OF_THE_LAB})
    wound = choose_wound(rng, sample.width / sample.height, script.stitches + 1)
    return Scene(look, wound, script, earlier=1, seed=(*key, 0)), turns


def _file_name(subject: int, camera: int, chapter: int) -> str:
    return PATTERN.format(subject=subject, camera=camera, chapter=chapter) + ".mp4"


def _tabulate(sample: Sample) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["Subject", "Procedure", "Start", "End"])
    for subject, turn in list_turns(sample):
        writer.writerow([subject, turn.name, _clock(turn.start), _clock(turn.end)])
    return text.getvalue().encode()


def _clock(secs: float) -> str:
    minutes, rest = divmod(round(secs * 1000), 60_000)
    return f"{minutes}:{rest // 1000:02d}.{rest % 1000:03d}"
