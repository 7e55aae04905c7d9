"""One HTTP request for a file, or for the rest of one: nothing but http and https, and never from https to http."""

from __future__ import annotations

import http.client
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

# Long enough for a slow proxy, short enough that nobody takes a dead line for a slow one.
TIMEOUT_SECS = 30.0
_AGENT = "graphcore (+urllib)"
_LONGEST_REASON = 300
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

# What a line that breaks raises, at the request or while reading. HTTPError is an OSError too: see `is_final`.
BROKEN = (OSError, http.client.HTTPException)


class Answer(NamedTuple):
    """What a server sends.

    Attributes:
        start: where in the file its bytes begin; 0 when the server sends all of it, whatever was asked for.
        size: of the whole file in bytes; None when the server does not say.
        validator: what names this state of the file (a strong ETag, or the time of its last change); "" for none.
        body: to be read.
    """

    start: int
    size: int | None
    validator: str
    body: Any


class _RefusedRedirect(urllib.error.URLError):
    pass


class _Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if req.full_url.lower().startswith("https:") and not newurl.lower().startswith("https:"):
            raise _RefusedRedirect(f"it leads from https to {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _make_opener() -> urllib.request.OpenerDirector:
    # Not build_opener: that knows file: and ftp: as well, and a redirect may name anything.
    opener = urllib.request.OpenerDirector()
    for handler in (
        *(urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler()),
        *(_Redirects(), urllib.request.HTTPDefaultErrorHandler(), urllib.request.HTTPErrorProcessor()),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


@contextmanager
def request(url: str, start: int = 0, validator: str = "", timeout_secs: float = TIMEOUT_SECS) -> Iterator[Answer]:
    """Asks for a file.

    Args:
        url: of http or https.
        start: how many of its bytes are here already; 0 asks for all.
        validator: see `Answer`; a file that has changed since is sent whole.
        timeout_secs: how long the server may stay silent.

    Raises:
        OSError: a `urllib.error.HTTPError` where the server answers with an error, another where it does not answer.
        http.client.HTTPException: it answers with something that is not HTTP.
    """
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": validator}
    try:
        asked = urllib.request.Request(url, headers=headers)
    except ValueError as error:  # of what is no address at all
        raise urllib.error.URLError(str(error)) from error
    with _make_opener().open(asked, timeout=timeout_secs) as response:
        yield _read_answer(response.status, response.headers, response)


def _read_answer(status: int, headers: Mapping[str, str], body: Any) -> Answer:
    tag = headers.get("ETag") or ""
    # A weak tag may be that of other bytes with the same meaning.
    validator = headers.get("Last-Modified") or "" if not tag or tag.startswith("W/") else tag
    part = _RANGE.match(headers.get("Content-Range") or "") if status == 206 else None
    if part:
        return Answer(int(part[1]), None if part[2] == "*" else int(part[2]), validator, body)
    length = headers.get("Content-Length")
    return Answer(0, int(length) if length and length.isdigit() else None, validator, body)


def is_final(error: BaseException) -> bool:
    """Whether asking again would change nothing: the server says no, or there is no such server."""
    if isinstance(error, urllib.error.HTTPError):
        return 400 <= error.code < 500 and error.code not in (408, 416, 429)
    # An unknown name is most often a machine without a network.
    no_server = isinstance(getattr(error, "reason", None), socket.gaierror)
    return no_server or isinstance(error, _RefusedRedirect) or "unknown url type" in str(error)


def describe_failure(error: BaseException) -> str:
    """What went wrong, in a few words."""
    if isinstance(error, urllib.error.HTTPError):
        return _in_one_line(f"the server answers {error.code} {error.reason}")
    reason = getattr(error, "reason", None) or error
    return _in_one_line(str(reason)) or type(error).__name__


def _in_one_line(text: str) -> str:
    """What a server said, without signs that a terminal would obey."""
    words = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "?" for sign in words)[:_LONGEST_REASON]
