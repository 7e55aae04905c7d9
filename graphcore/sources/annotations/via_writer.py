"""Writes VIA 3's project and CSV export; see `via`, which reads them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from graphcore import atomic
from graphcore.sources.annotations.model import AnnotatedVideo, WriteOptions
from graphcore.sources.annotations.outputs import check_labels

FIELDS = ("metadata_id", "file_list", "flags", "temporal_coordinates", "spatial_coordinates", "metadata")
"""Columns of the CSV export."""
_SELECT = 4
"""The type of an attribute that is one of several options."""


def write(path: Path, videos: Sequence[AnnotatedVideo], options: WriteOptions) -> list[Path]:
    """Writes a project where the file is called .json, else a CSV export; labels are the options of one attribute.

    Raises:
        DatasetError: a label would not come back as it is.
        OSError: the file cannot be written.
    """
    check_labels(videos, "via")
    project = _make_project(path.stem, videos, options)
    if path.suffix.lower() == ".json":
        atomic.write_json(path, project)
    else:
        atomic.write_text(path, _make_csv(project))
    return [path]


def _make_project(name: str, videos: Sequence[AnnotatedVideo], options: WriteOptions) -> dict[str, Any]:
    labels = sorted({segment.label for video in videos for segment in video.segments})
    ids = {label: str(number) for number, label in enumerate(labels)}
    views = [str(number) for number in range(1, len(videos) + 1)]
    media = [options.media_of(video.video or video.recording) for video in videos]
    return {
        "project": {
            **{"pid": "__VIA_PROJECT_ID__", "rev": "__VIA_PROJECT_REV_ID__"},
            **{"rev_timestamp": "__VIA_PROJECT_REV_TIMESTAMP__", "pname": name, "creator": "graphcore", "created": 0},
            **{"data_format_version": "3.1.1", "vid_list": views},
        },
        "config": {
            "file": {"loc_prefix": {"1": "", "2": "", "3": "", "4": ""}},
            "ui": {"temporal_segment_metadata_editor_visible": True, "gtimeline_visible_row_count": "4"},
        },
        "attribute": {
            "1": {
                **{"aname": "label", "anchor_id": "FILE1_Z2_XY0", "type": _SELECT, "desc": ""},
                **{"options": {ids[label]: label for label in labels}, "default_option_id": ""},
            }
        },
        "file": {
            view: {"fid": view, "fname": file, "type": 4, "loc": 1, "src": file}
            for view, file in zip(views, media, strict=True)
        },
        "view": {view: {"fid_list": [view]} for view in views},
        "metadata": dict(_make_metadata(videos, views, ids)),
    }


def _make_metadata(
    videos: Sequence[AnnotatedVideo], views: Sequence[str], ids: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for view, video in zip(views, videos, strict=True):
        for number, segment in enumerate(video.segments, start=1):
            times = [round(segment.start_secs, 6), round(segment.end_secs, 6)]
            yield f"{view}_{number:08d}", {"vid": view, "flg": 0, "z": times, "xy": [], "av": {"1": ids[segment.label]}}


def _make_csv(project: Mapping[str, Any]) -> str:
    out = io.StringIO()
    out.write("# Exported by graphcore, in the layout of VIA 3\n")
    out.write(f"# ATTRIBUTE = {json.dumps(project['attribute'])}\n# CSV_HEADER = {','.join(FIELDS)}\n")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    for key, mark in project["metadata"].items():
        files = [project["file"][mark["vid"]]["fname"]]
        cells = (json.dumps(value) for value in (mark["z"], mark["xy"], mark["av"]))
        writer.writerow([key, json.dumps(files, ensure_ascii=False), 0, *cells])
    return out.getvalue()
