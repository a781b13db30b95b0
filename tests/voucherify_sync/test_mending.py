"""What a terminal gets, and what gets no terminal."""

import io

import pytest
from rich.console import Console

from voucherify_sync import mending


def test_rows_on_a_terminal() -> None:
    """A table with headings, in which text from outside is no markup."""
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=60, color_system=None)

    mending.print_rows(console, ("id", "reason"), [("t/0/1", "[red]a\x1bb"), ("t/0/22", "c")])

    lines = [line.split() for line in shown.getvalue().splitlines()]
    assert ["id", "reason"] == lines[0]
    assert [["t/0/1", "[red]a\N{REPLACEMENT CHARACTER}b"], ["t/0/22", "c"]] == lines[1:]


def test_rows_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines with tabs, without headings, a tab for each column's end."""
    mending.print_rows(Console(file=io.StringIO()), ("id", "why"), [("a", "b\tc"), ("d", "")])

    assert "a\tb\N{REPLACEMENT CHARACTER}c\nd\t\n" == capsys.readouterr().out


def test_long_work_on_a_terminal() -> None:
    """A bar."""
    shown = io.StringIO()
    with mending.steps(Console(file=shown, force_terminal=True, width=120), "redriving") as step:
        step(10, 20)

    assert "redriving" in shown.getvalue()


def test_long_work_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line now and then, beside the output."""
    now = 0.0
    monkeypatch.setattr(mending, "monotonic", lambda: now)
    with mending.steps(Console(file=io.StringIO()), "redriving") as step:
        for done in range(0, 10_000, 1_000):
            now += 0.5
            step(done, 10_000)

    assert ("", ["redriving: 3,000 of 10,000", "redriving: 7,000 of 10,000"]) == (
        (said := capsys.readouterr()).out,
        said.err.splitlines(),
    )


def test_numbers_in_words() -> None:
    """One is one."""
    assert ["0 bytes", "1 byte", "1,234 bytes"] == [
        mending.plural(count, "byte") for count in (0, 1, 1_234)
    ]
