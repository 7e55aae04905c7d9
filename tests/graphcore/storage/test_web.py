import socket
import urllib.error

import pytest

from graphcore.storage.web import describe_failure, is_final, request

CONTENT = bytes(range(200))


def fetch(*arguments):
    with request(*arguments) as answer:
        return answer.start, answer.size, answer.validator, answer.body.read()


def test_all_of_a_file(web):
    web.files["a.bin"] = CONTENT
    assert fetch(f"{web.address}/a.bin") == (0, 200, '"one"', CONTENT)
    assert web.requests == [("a.bin", None, None)]


def test_the_rest_of_a_file(web):
    web.files["a.bin"] = CONTENT
    assert fetch(f"{web.address}/a.bin", 150, '"one"') == (150, 200, '"one"', CONTENT[150:])
    assert web.requests == [("a.bin", "bytes=150-", '"one"')]


def test_a_file_that_has_changed_comes_whole(web):
    web.files["a.bin"] = CONTENT
    assert fetch(f"{web.address}/a.bin", 150, '"earlier"')[0] == 0


def test_a_weak_tag_names_nothing(web):
    web.files["a.bin"], web.etag = CONTENT, 'W/"one"'
    assert fetch(f"{web.address}/a.bin")[2] == ""


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_a_redirect_leads_to_the_web_or_nowhere(web, target):
    web.redirects["a.bin"] = target
    with pytest.raises(urllib.error.URLError), request(f"{web.address}/a.bin"):
        pass


@pytest.mark.parametrize("address", ["file:///etc/passwd", "nonsense/net.tgz"])
def test_an_address_that_is_not_of_the_web_is_refused(address):
    with pytest.raises(urllib.error.URLError, match="unknown url type") as caught, request(address):
        pass
    assert is_final(caught.value)


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (urllib.error.HTTPError("u", 404, "Not Found", None, None), True),  # type: ignore[arg-type]
        (urllib.error.HTTPError("u", 503, "Busy", None, None), False),  # type: ignore[arg-type]
        (urllib.error.HTTPError("u", 429, "Too Many", None, None), False),  # type: ignore[arg-type]
        (urllib.error.URLError(socket.gaierror(-2, "Name or service not known")), True),
        (urllib.error.URLError(ConnectionRefusedError()), False),
        (TimeoutError("timed out"), False),
    ],
)
def test_what_is_worth_another_try(error, final):
    assert is_final(error) is final


def test_failures_in_words():
    error = urllib.error.HTTPError("u", 404, "Not Found", None, None)  # type: ignore[arg-type]
    assert describe_failure(error) == "the server answers 404 Not Found"
    assert describe_failure(urllib.error.URLError("no route")) == "no route"
    assert describe_failure(TimeoutError()) == "TimeoutError"
    assert describe_failure(OSError("\x1b[31mred\n\0 and more")) == "?[31mred ? and more"
    assert len(describe_failure(OSError("x" * 9999))) == 300
