"""What an option's text names: a path on this machine, or an address of one of few kinds of store."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from graphcore.errors import ConfigError

PROTOCOLS = ("s3", "gs", "memory")
"""All that an option may name. fsspec knows many more, which run commands or open what other users see: options come
from files that strangers wrote."""

# Two letters or more: one is a drive of Windows. Also chains of addresses, so that they are refused and not taken for
# the name of a file.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+(?:::[A-Za-z0-9+.-]+)*)://")
_PACKAGES = {"s3": ("s3fs", "cloud"), "gs": ("gcsfs", "gcs"), "memory": ("fsspec", "cloud")}

# A host that takes a request and never answers is given up after two minutes; as s3fs comes, after more than six.
# Nothing is kept of listings: another machine may write while this one runs.
_ROUNDS = 2  # of all the attempts below
_OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {
        "use_listings_cache": False,
        "config_kwargs": {
            "connect_timeout": 5,
            "read_timeout": 20,
            "retries": {"mode": "standard", "total_max_attempts": 3},
        },
    },
}


def is_remote(text: str | Path) -> bool:
    """Whether an option's text, or a path, names something outside this machine's file system."""
    match = _ADDRESS.match(str(text))
    return match is not None and match.group(1).lower() != "file"


def to_path(text: str, option: str) -> Path:
    """The path that an option names; nothing is looked up.

    Args:
        text: a path, a `file://` address, or an address of a store.
        option: the option's full name, for messages.

    Returns:
        A `pathlib.Path`, or for a store a path of universal_pathlib, which has the same methods.

    Raises:
        ConfigError: an address of another kind, one that names no bucket, or packages that are missing.
    """
    if not is_remote(text):
        return _to_local(text, option)
    protocol, bucket = _check(text, option)
    _import(protocol, text, option)
    from upath import UPath

    rest = text.partition("://")[2].strip("/") if protocol == "memory" else text.partition("://")[2].rstrip("/")
    path: Any = UPath(f"{protocol}://{rest or bucket}", **_OPTIONS.get(protocol, {}))
    if protocol == "s3":
        path.fs.retries = _ROUNDS
    return path


def _to_local(text: str, option: str) -> Path:
    if not text.lower().startswith("file://"):
        return Path(text)
    host, _, path = text[len("file://") :].partition("/")
    if host not in ("", "localhost"):
        raise ConfigError(f"{option}={text} names a file of the machine {host}.", next_step="Give a path: /DIR.")
    return Path(unquote(f"/{path}"))


def _check(text: str, option: str) -> tuple[str, str]:
    """The protocol and bucket of an address that is allowed."""
    scheme, _, rest = text.partition("://")
    protocol, parts = scheme.lower(), rest.strip("/").split("/")
    bucket = rest.partition("/")[0] if protocol != "memory" else parts[0]
    if "@" in bucket:  # not shown: it may be a password
        raise ConfigError(
            f"{option} is an address with a sign @ before its path.",
            next_step="Give BUCKET/PATH alone; credentials belong in the environment or the provider's own files.",
        )
    if protocol not in PROTOCOLS or "::" in text:
        what = "chains several addresses" if "::" in text else f"has the unknown protocol {scheme}://"
        raise ConfigError(f"{option}={text} {what}.", choices=(*(f"{one}://" for one in PROTOCOLS), "a path"))
    if not bucket:
        raise ConfigError(f"{option}={text} names no bucket.", next_step=f"Give {protocol}://BUCKET/PATH.")
    if ".." in parts or not text.isprintable():
        raise ConfigError(f"{option}={text!r} has '..' or signs that cannot be printed.", next_step="Spell it out.")
    return protocol, bucket


def _import(protocol: str, text: str, option: str) -> None:
    package, extra = _PACKAGES[protocol]
    for module in ("upath", "fsspec", package):
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise ConfigError(
                f"{option}={text} needs a package that is missing: {error.name or module}.",
                next_step=f"The extra {extra} brings it: pip install universal-pathlib {package}.",
            ) from None
