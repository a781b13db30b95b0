"""Many histories by hand: `python -m tests.lost_events --histories 1000`."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from state.sqlite import SqliteState
from tests.lost_events.losing import history_of
from tests.lost_events.running import Histories, Outcome


async def run(histories: int, first: int, events: int, share: float) -> Outcome:
    """Run histories through a SQLite state."""
    with tempfile.TemporaryDirectory() as folder:
        state = SqliteState(Path(folder) / "state.db")
        await state.migrate()
        running = Histories(state)
        begun = perf_counter()
        for seed in range(first, first + histories):
            await running.run(seed, history_of(seed, events=events, share=share))
            if seed % 100 == 99:
                print(f"{perf_counter() - begun:.0f} s: {running.outcome}", flush=True)
        await state.close()
    return running.outcome


def main() -> int:
    """Run, report, and fail where anything was found that should not be, or was not."""
    parser = argparse.ArgumentParser(prog="python -m tests.lost_events", description=__doc__)
    parser.add_argument("--histories", type=int, default=1_000)
    parser.add_argument("--first", type=int, default=0, help="The first seed.")
    parser.add_argument("--events", type=int, default=600, help="Webhooks in each.")
    parser.add_argument("--share", type=float, default=0.02, help="Of the entries that are lost.")
    asked = parser.parse_args()
    outcome = asyncio.run(run(asked.histories, asked.first, asked.events, asked.share))
    print(outcome)
    wrong = (*outcome.unnoticed, *outcome.alarms, *outcome.left_open)
    print(*wrong, sep="\n", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
