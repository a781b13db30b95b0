"""`make prove`: proves some ten thousand histories on all cores, and shrinks those that fail."""

import argparse
import multiprocessing
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Final

from tests.proof.seeds import Asked, Proved, prove
from tests.services.postgres import Postgres

_AT_ONCE: Final = 250
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - only where databases are quicker; made private


def main() -> None:
    """Prove, and say how many; the exit code is 0 where no history failed."""
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="the first of the seeds")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="sqlite")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(
                    prefix="voucherify-sync-proof-", dir=_MEMORY if _MEMORY.is_dir() else None
                )
            )
        )
        url = _postgres(stack, folder, asked.processes) if asked.database != "sqlite" else None
        sqlite = str(folder) if asked.database != "postgresql" else None
        sys.exit(_prove_all(asked, sqlite, url))


def _postgres(stack: ExitStack, folder: Path, processes: int) -> str:
    server = Postgres(folder / "postgres")
    server.start()
    stack.callback(server.stop)
    for number in range(1, processes + 1):
        server.create_database(f"proof_{number}")
    return server.url()


def _prove_all(asked: argparse.Namespace, sqlite: str | None, url: str | None) -> int:
    todo = [
        Asked(asked.seed + number, min(_AT_ONCE, asked.histories - first), sqlite, url)
        for number, first in enumerate(range(0, asked.histories, _AT_ONCE))
    ]
    begun = monotonic()
    proved: list[Proved] = []
    with multiprocessing.get_context("spawn").Pool(asked.processes) as pool:
        for one in pool.imap_unordered(prove, todo):
            proved.append(one)
            done = sum(part.histories for part in proved)
            print(f"{done:,} of {asked.histories:,} histories", file=sys.stderr)
            for line in one.failed:
                print(f"seed {one.seed}: {line}")
    failed = [one for one in proved if one.failed]
    print(
        f"{sum(one.histories for one in proved):,} histories "
        f"({sum(one.webhooks for one in proved):,} webhooks, each delivered in 4 orders) of seeds "
        f"{todo[0].seed} to {todo[-1].seed} on {asked.database}: {len(failed)} failed, "
        f"{monotonic() - begun:.0f} s"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    main()
