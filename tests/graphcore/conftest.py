"""What several packages' tests need: a folder of shards, written by TensorFlow's own writer."""

import hashlib
import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from tfrecords.manifest import Manifest, ShardInfo, write_manifest

TOY_LABELS = ("blue", "green", "red")
# Shards and the samples in each; 7 does not divide any batch.
TOY_SHARDS = {
    "train-00000-of-00002.tfrecord": ("train", 13),
    "train-00001-of-00002.tfrecord": ("train", 11),
    "validation-00000-of-00001.tfrecord": ("validation", 9),
    "test-00000-of-00001.tfrecord": ("test", 7),
}


def draw_picture(label: int, seed: int) -> bytes:
    """A noisy 40x48 JPEG in which the channel of the label stands out."""
    pixels = np.random.default_rng(seed).integers(0, 120, (40, 48, 3), np.uint8)
    pixels[..., 2 - label] += 110
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()


def make_record(contents: bytes, label: int, key: str) -> bytes:
    from graphcore.graph.runtime import tf

    features = {
        "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[contents])),
        "image/class/label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
        "sample/key": tf.train.Feature(bytes_list=tf.train.BytesList(value=[key.encode()])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


@pytest.fixture(scope="session")
def toy_records(tmp_path_factory):
    """Three classes told apart by colour; 24, 9 and 7 samples by split; keys are "<split>/<n>"."""
    from graphcore.graph.runtime import tf

    folder = tmp_path_factory.mktemp("toy_records")
    counts = {split: dict.fromkeys(TOY_LABELS, 0) for split in ("train", "validation", "test")}
    shards, number = [], 0
    for name, (split, samples) in TOY_SHARDS.items():
        with tf.io.TFRecordWriter(str(folder / name)) as writer:
            for _ in range(samples):
                label = number % 3
                writer.write(make_record(draw_picture(label, number), label, f"{split}/{number}"))
                counts[split][TOY_LABELS[label]] += 1
                number += 1
        data = (folder / name).read_bytes()
        shards.append(ShardInfo(name, split, samples, len(data), hashlib.sha256(data).hexdigest()))
    write_manifest(folder, Manifest("toy", "image_folder", TOY_LABELS, counts, tuple(shards)))
    return folder


class Web:
    """A web server on loopback, and what it is to do: `files` by name, how many bytes it sends before it breaks."""

    def __init__(self) -> None:
        self.files = {}
        self.breaks = []  # for each request to come: bytes after which the line goes dead
        self.has_ranges, self.etag, self.statuses = True, '"one"', {}
        self.redirects = {}
        self.requests = []  # (name, Range header, If-Range header)
        self.address = ""

    def answer(self, handler) -> None:
        name, asked = handler.path.strip("/"), handler.headers.get("Range")
        self.requests.append((name, asked, handler.headers.get("If-Range")))
        status = self.statuses.get(name, 200 if name in self.files else 404)
        if name in self.redirects:
            handler.send_response(302)
            handler.send_header("Location", self.redirects[name])
            handler.end_headers()
            return
        if status != 200:
            handler.send_error(status)
            return
        content, start = self.files[name], 0
        if asked and self.has_ranges and handler.headers.get("If-Range") in (None, self.etag):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(content) - start))
        if self.etag:
            handler.send_header("ETag", self.etag)
        handler.end_headers()
        end = start + self.breaks.pop(0) if self.breaks else len(content)
        handler.wfile.write(content[start:end])


@pytest.fixture
def web(monkeypatch):
    """A `Web` that listens, with a cache of its own and the environment's proxies out of the way."""
    served = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, *arguments) -> None:
            pass

    for name in ("http_proxy", "https_proxy", "all_proxy", "GRAPHCORE_OFFLINE", "GRAPHCORE_MIRROR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

    class Server(ThreadingHTTPServer):
        def handle_error(self, *arguments) -> None:
            pass  # whoever asked has hung up: some tests do

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        served.address = f"http://127.0.0.1:{server.server_port}"
        yield served
        server.shutdown()
        thread.join()
