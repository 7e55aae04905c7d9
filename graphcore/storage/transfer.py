"""Several shards on their way at once, with one bar for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from graphcore import console
from tfrecords.manifest import ShardInfo

# One transfer seldom fills a line; more than a few only take memory.
_AT_ONCE = 4
_MIB = 2**20


def transfer(description: str, shards: Sequence[ShardInfo], action: Callable[[ShardInfo], None]) -> None:
    """Calls `action` for each shard, several at once; the first failure ends it, once those under way are done.

    Args:
        description: what is being done, a few words.
        shards: what is to be transferred.
        action: transfers one; called from several threads.
    """
    if not shards:
        return
    with console.progress(description, sum(shard.size_bytes for shard in shards) / _MIB, "MiB") as advance:
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="transfer")
        futures = {pool.submit(action, shard): shard for shard in shards}
        try:
            for future in as_completed(futures):
                future.result()
                advance(futures[future].size_bytes / _MIB)
        finally:
            pool.shutdown(cancel_futures=True)
