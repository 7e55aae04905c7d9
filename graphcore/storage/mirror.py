"""Records at a remote address and their copy on this machine, where all work is done on them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from graphcore import console
from graphcore.errors import DatasetError
from graphcore.storage.address import is_remote, to_path
from graphcore.storage.folder import RemoteFolder
from graphcore.storage.pull import pull
from graphcore.storage.push import JOURNAL_NAME, push, read_journal, refuse_strangers
from tfrecords.errors import RecordsError
from tfrecords.files import hash_file, read_json, write_json
from tfrecords.manifest import MANIFEST_NAME, Manifest, parse_manifest, read_manifest
from tfrecords.staging import Staging
from tfrecords.writer import recover

MIRRORS = Path("data/remote")

_SEEN_NAME = ".mirror.json"
_OPTION = "dataset.records"


@dataclass(frozen=True)
class Mirror:
    """Records at a remote address, and the folder here that mirrors them.

    Attributes:
        address: as the option gives it.
        part: a folder below it, such as that of a fold; "" for the address itself.
    """

    address: str
    part: str = ""

    @property
    def local(self) -> Path:
        """The folder on this machine; it may not be there yet."""
        scheme, _, rest = self.address.partition("://")
        name = f"{scheme.lower()}://{rest.strip('/')}"
        readable = re.sub(r"[^A-Za-z0-9._-]+", "-", rest.strip("/"))[-40:].strip(".-")
        folder = MIRRORS / f"{readable}-{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"
        return folder / self.part if self.part else folder

    @cached_property
    def remote(self) -> RemoteFolder:
        """The folder at the address.

        Raises:
            ConfigError: the address cannot be used, or packages are missing.
        """
        path = to_path(self.address, _OPTION)
        return RemoteFolder(path / self.part if self.part else path)

    def prepare(self) -> None:
        """Before a conversion: what is at the address comes here, and nothing of somebody else's may be there.

        Records that were finished here and not yet uploaded stay.

        Raises:
            ConfigError, DatasetError, RecordsError: see `pull`; or the address holds somebody else's records.
        """
        sizes, data = self._look()
        refuse_strangers(self.remote, sizes, read_journal(self.remote, self._parse(data)).known)
        self._pull(sizes, data)

    def pull(self) -> None:
        """Makes the local folder hold what is at the address; fetches what is not here yet.

        Raises:
            ConfigError: the address cannot be used, or packages are missing.
            DatasetError: there are no finished records, or the store is out of reach, does not know us, or refuses.
            RecordsError: the records are damaged, or the disk is full.
        """
        sizes, data = self._look()
        if data is None:
            raise DatasetError(f"{self.remote.path} holds no finished records.", next_step=_explain(sizes))
        self._pull(sizes, data)

    def push(self) -> None:
        """After a conversion: uploads what the address lacks; without a difference it changes nothing.

        Raises:
            ConfigError, DatasetError, RecordsError: see `pull`; or the address holds somebody else's records.
        """
        sizes, data = self._look()
        if JOURNAL_NAME not in sizes and self._compare(data) == "same" and self._is_whole(sizes):
            return
        with Staging(self.local).exclusive():
            manifest = read_manifest(self.local)
            push(self.remote, self.local, manifest, sizes, self._parse(data))
            self._note_seen((self.local / MANIFEST_NAME).read_bytes())
        console.say(f"Records are at {self.remote.path}.")

    def _look(self) -> tuple[dict[str, int], bytes | None]:
        """The sizes of the remote files, and the bytes of dataset.json."""
        return self.remote.list_sizes(), self.remote.read(MANIFEST_NAME)

    def _parse(self, data: bytes | None) -> Manifest | None:
        if data is None:
            return None
        try:
            return parse_manifest(json.loads(data))
        except (ValueError, RecordsError) as error:
            path = self.remote.path / MANIFEST_NAME
            raise RecordsError(f"{path} cannot be used: {error}; remove it and convert again") from None

    def _pull(self, sizes: Mapping[str, int], data: bytes | None) -> None:
        manifest = self._parse(data)
        if manifest is None or data is None:
            return
        recover(self.local)
        compared = self._compare(data)
        if compared == "ahead":
            console.warn(f"{self.local} holds newer records than {self.remote.path}: their upload was cut short.")
        if compared == "ahead" or (compared == "same" and self._is_whole(_measure(self.local))):
            return
        pull(self.remote, self.local, manifest, sizes.keys())
        self._note_seen(data)

    def _compare(self, data: bytes | None) -> str:
        seen = read_json(self.local / _SEEN_NAME)
        seen = seen if isinstance(seen, dict) else {}
        manifest = self.local / MANIFEST_NAME
        local = hash_file(manifest) if manifest.exists() else ""
        remote = "" if data is None else hashlib.sha256(data).hexdigest()
        return compare(remote, local, str(seen.get("remote", "")), str(seen.get("local", "")))

    def _is_whole(self, sizes: Mapping[str, int]) -> bool:
        return all(sizes.get(shard.name) == shard.size_bytes for shard in read_manifest(self.local).shards)

    def _note_seen(self, data: bytes) -> None:
        digests = {"remote": hashlib.sha256(data).hexdigest(), "local": hash_file(self.local / MANIFEST_NAME)}
        write_json(self.local / _SEEN_NAME, digests)


def make_local(records: str | Path) -> Path:
    """The folder of records on this machine: as given, or for an address the mirror, fetched first.

    Raises:
        ConfigError, DatasetError, RecordsError: see `Mirror.pull`.
    """
    if not is_remote(records):
        return to_path(str(records), "records")
    mirror = Mirror(str(records))
    mirror.pull()
    return mirror.local


def compare(remote: str, local: str, seen_remote: str, seen_local: str) -> str:
    """How two copies of dataset.json stand to each other.

    Args:
        remote: digest of the remote one; "" where there is none.
        local: digest of the local one, likewise.
        seen_remote: digest of the remote one when both were last the same records; "" where that never was.
        seen_local: digest of the local one then. It may have been written by another release.

    Returns:
        "same", "ahead" when only the local one has changed since, else "behind".
    """
    if not local:
        return "behind"
    if remote == local or (remote, local) == (seen_remote, seen_local):
        return "same"
    return "ahead" if remote == seen_remote else "behind"


def _measure(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.iterdir() if path.is_file()}


def _explain(sizes: Mapping[str, int]) -> str:
    if JOURNAL_NAME in sizes or sizes:
        return "Their upload was cut short: run the conversion again with these dataset.records, it goes on."
    return "Correct the address, or convert with these dataset.records first."
