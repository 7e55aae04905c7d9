"""The pictures of the page: small, few enough to mail, and each read once."""

from __future__ import annotations

import base64
import io
import logging
from collections import OrderedDict
from collections.abc import Callable

from PIL import Image

from graphcore.evaluation.report.markup import Html, tag

logger = logging.getLogger(__name__)

SIDE = 160
QUALITY = 75
MOST_PICTURES = 60
# Base64 adds a third: with this the page stays below three megabytes whatever the pictures are.
MOST_BYTES = 1_200_000

# A thumbnail takes 2 ms, and the jobs of a sweep show the same spot check and much the same mistakes: 4 KB each.
_MOST_KEPT = 512
_kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()


class Album:
    """Makes thumbnails until the page has as many as it may hold.

    Attributes:
        unreadable: pictures that could not be read and were left out.
    """

    def __init__(self, read_picture: Callable[[str], bytes] | None, identity: str = "") -> None:
        """Begins a page without pictures.

        Args:
            read_picture: turns a sample's key into its JPEG or PNG; None where there are no pictures.
            identity: of what the keys are keys of: pages that have the same share their thumbnails. "" shares none.
        """
        self._read, self._identity = read_picture, identity
        self._thumbnails: dict[str, bytes | None] = {}
        self._left = MOST_PICTURES
        self._left_bytes = MOST_BYTES
        self.unreadable = 0

    @property
    def left(self) -> int:
        """How many more pictures there is room for; 0 where there are none."""
        return self._left if self._read is not None else 0

    def make_picture(self, key: str, description: str) -> Html:
        """The picture of a sample; nothing where it cannot be read or there is no more room."""
        thumbnail = self._get(key) if self.left else None
        if thumbnail is None or len(thumbnail) > self._left_bytes:
            return Html()
        self._left -= 1
        self._left_bytes -= len(thumbnail)
        source = Html("data:image/jpeg;base64," + base64.b64encode(thumbnail).decode("ascii"))
        return tag("img", src=source, alt=description)

    def _get(self, key: str) -> bytes | None:
        if key not in self._thumbnails:
            self._thumbnails[key] = self._recall(key) if self._identity else self._shrink(key)
        return self._thumbnails[key]

    def _recall(self, key: str) -> bytes | None:
        place = (self._identity, key)
        thumbnail = _kept.pop(place, None) or self._shrink(key)
        if thumbnail is not None:
            _kept[place] = thumbnail
            while len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
        return thumbnail

    def _shrink(self, key: str) -> bytes | None:
        assert self._read is not None
        try:
            return make_thumbnail(self._read(key))
        # Whatever is wrong with one picture, or with the folder of records that moved, the figures stand.
        except Exception:
            logger.debug("no picture of %r for the report", key, exc_info=True)
            self.unreadable += 1
            return None


def make_thumbnail(encoded: bytes) -> bytes:
    """A picture of at most `SIDE` pixels a side, as JPEG.

    Raises:
        OSError, ValueError: it is no picture that Pillow reads.
    """
    with Image.open(io.BytesIO(encoded)) as picture:
        small = picture.convert("RGB")
        small.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
