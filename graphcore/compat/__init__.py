"""The command lines of the classic scripts: their flags in, the same options of graphcore out, and then those are run.

Each script's flags are one table of `Flag`; reading, `--help`, refusing and telling what differs all come from it.
"""
