from dataclasses import replace

from graphcore.audit.findings import LEAK, WARNING, Audit, Finding, Groups
from graphcore.audit.report import describe_leaks, describe_verdict, show_audit

COPIES = Finding(
    kind="copy",
    severity=LEAK,
    splits=("train", "test"),
    title="copies: test in train",
    count=7,
    summary="7 of 9 test samples (77.8%) are copies of train samples",
    remedy="remove the copies",
    columns=("test", "train", "bits apart"),
    rows=(("shoes/" + "a" * 60 + ".jpg", "shoes/b.jpg", "0"),),
)
SUBJECTS = replace(
    COPIES, kind="subject", severity=WARNING, title="subjects", summary="1 subject stands in two splits", rows=()
)
CLEAN = Audit(
    name="pets",
    labels=tuple(f"breed {n}" for n in range(50)),
    classes={"train": {f"breed {n}": 20 for n in range(50)}, "test": {"breed 0": 9}},
    samples={"train": 1000, "test": 9},
    grouped_by="video",
    groups={"train": Groups(12, tuple(str(n) for n in range(1, 11))), "test": Groups(1, ("77",))},
    findings=(),
)


def test_report_fits_80_columns_and_shows_classes_groups_and_findings(capsys):
    show_audit(replace(CLEAN, findings=(COPIES, SUBJECTS)))
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert max(len(line) for line in lines) <= 80
    text = shown.out
    assert "breed 39" in text
    assert "breed 40" not in text
    assert "10 more" in text
    assert "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ..." in text
    assert "copies: test in train, 1 of 7" in text
    assert "shoes/b.jpg" in text
    assert any("warning" in line and "1 subject stands in two splits" in line for line in lines)
    assert shown.err.startswith("Leakage:\n")


def test_verdict_of_a_clean_dataset():
    assert describe_verdict(CLEAN) == "No leakage found in 1,009 samples."
    assert describe_verdict(replace(CLEAN, findings=(SUBJECTS,))) == (
        "No leakage found in 1,009 samples, but see the warning above."
    )


def test_every_leak_is_named_and_each_way_out_once():
    other = replace(COPIES, summary="2 of 5 validation samples (40.0%) are copies of train samples")
    audit = replace(CLEAN, findings=(COPIES, other, SUBJECTS))
    assert describe_leaks(audit) == (
        "  7 of 9 test samples (77.8%) are copies of train samples\n"
        "  2 of 5 validation samples (40.0%) are copies of train samples\n"
        "Way out: remove the copies."
    )


def test_without_groups_there_is_no_table_of_them(capsys):
    show_audit(replace(CLEAN, grouped_by="", groups={}))
    assert "by video" not in capsys.readouterr().out
