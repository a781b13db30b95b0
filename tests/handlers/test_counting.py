"""How many dead letters are kept, as the metrics say it."""

import asyncio
from pathlib import Path

from prometheus_client import REGISTRY

from handlers.counting import Counting
from handlers.scrubbing import scrub
from state.sqlite import SqliteState
from state.store import Batch, DeadLetter, LetterPlace


async def test_what_is_kept_is_counted(tmp_path: Path) -> None:
    """Of every reason, from what is stored."""
    state = SqliteState(tmp_path / "state.db", scrub=scrub)
    await state.migrate()
    letters = [
        DeadLetter(LetterPlace("log", 0, offset), "topic", f"Reason{offset}", b"", b"", (), 0)
        for offset in range(3)
    ]
    await state.apply(Batch(facts=[], moves={("log", 0): (0, 3)}, dead_letters=letters))
    stop = asyncio.Event()
    task = asyncio.create_task(Counting(state, most_seconds=0.1).run(stop))
    async with asyncio.timeout(20):
        while REGISTRY.get_sample_value("voucherify_sync_dead_letters_open") != 3:
            await asyncio.sleep(0.01)
    stop.set()
    await task
    await state.close()
