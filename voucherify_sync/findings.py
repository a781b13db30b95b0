"""What `voucherify-sync doctor` finds: a line for each thing it looked at, with the mend."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How it is; `SKIPPED` where there was no way to look, and the line says what it lacks."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, what was seen, and what to do about it."""

    check: str
    level: Level
    says: str
    mend: str = ""


def ok(check: str, says: str) -> Finding:
    """All is as it should be."""
    return Finding(check, Level.OK, says)


def warning(check: str, says: str, mend: str) -> Finding:
    """It works, and will not always."""
    return Finding(check, Level.WARNING, says, mend)


def failure(check: str, says: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(check, Level.FAILURE, says, mend)


def skipped(check: str, says: str, mend: str = "") -> Finding:
    """It was not looked at."""
    return Finding(check, Level.SKIPPED, says, mend)


def exit_code(findings: Iterable[Finding]) -> int:
    """1 where anything does not work."""
    return int(any(one.level is Level.FAILURE for one in findings))
