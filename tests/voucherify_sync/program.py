"""`voucherify-sync` as a real process."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def run(
    *arguments: str,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.CompletedProcess[str]:
    """Run it with nothing but this environment; nobody is there to answer unless on `stdin`."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("VOUCHERIFY_SYNC_")}
    return subprocess.run(
        [sys.executable, "-m", "voucherify_sync", *arguments],
        cwd=cwd,
        env=clean | dict(environment or {}),
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@contextmanager
def answering(answer: str) -> Iterator[int]:
    """A terminal at which somebody has typed this already, as `stdin`."""
    with terminal() as (person, stdin):
        os.write(person, f"{answer}\n".encode())
        yield stdin


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """A terminal: what a person types is written to the first, the second is `stdin`."""
    person, stdin = pty.openpty()
    try:
        yield person, stdin
    finally:
        os.close(stdin)
        os.close(person)
