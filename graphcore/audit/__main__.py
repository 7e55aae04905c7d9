"""`python -m graphcore.audit dataset.records=DIR`, or with the options of a conversion, which is then made first.

Ends with status 2 when the splits leak, as with any mistake; with `audit.on_leakage=warn` with status 0.
"""

from __future__ import annotations

from pathlib import Path

from graphcore import console, storage
from graphcore.audit import AUDIT_NAME, read_or_audit
from graphcore.audit.report import show_audit
from graphcore.command import run_command
from graphcore.config import Config, FractalsConfig, ProceduresConfig, SutureScenesConfig
from graphcore.conversion.options import name_fold, records_dir
from graphcore.convert import convert
from graphcore.errors import ConfigError, DatasetError

_DRAWN = (FractalsConfig, ProceduresConfig, SutureScenesConfig)
_INPUTS = ("dir", "videos", "list")


def main() -> None:
    """Runs the command."""
    run_command(run_audit, config_name="config", job="audit")


def run_audit(config: Config) -> None:
    """Converts where inputs are given, audits, and prints the report.

    Raises:
        ConfigError: neither records nor inputs are given.
        DatasetError: the splits leak, and `audit.on_leakage` is not "warn".
        RecordsError: the records are missing or damaged.
    """
    folder = _provide_records(config)
    audit = read_or_audit(folder, config.audit)
    show_audit(audit)
    console.say(f"Details: {folder / AUDIT_NAME}")
    if audit.leaks and config.audit.on_leakage == "refuse":
        raise DatasetError(
            f"The splits of {folder} leak.", next_step="Mend it as said above, or add audit.on_leakage=warn."
        )


def _provide_records(config: Config) -> Path:
    dataset = config.dataset
    if isinstance(dataset, _DRAWN) or any(getattr(dataset, name, None) for name in _INPUTS):
        convert(config)
    elif not dataset.records:
        raise ConfigError(
            "Nothing is given to audit.",
            next_step="Add dataset.records=DIR, a folder of records, or the inputs of a conversion: dataset.dir=DIR.",
        )
    elif storage.is_remote(dataset.records):
        storage.Mirror(dataset.records, name_fold(config.split)).pull()
    return records_dir(dataset, config.split)


if __name__ == "__main__":
    main()
