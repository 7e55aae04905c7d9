"""What can go wrong with records: one root and one leaf, so that callers can catch either."""


class RecordsError(Exception):
    """A dataset of records cannot be read or written; the message names the value and the next step."""


class CorruptShardError(RecordsError):
    """A shard's bytes are not what its writer wrote; the message names file, record and offset."""
