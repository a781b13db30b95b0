"""The histories of one seed, proved in a process of its own."""

import asyncio
import logging
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.proof.databases import Database, PostgresDatabase, SqliteDatabase
from tests.proof.history import History, histories, live
from tests.proof.loops import ThreadlessLoop
from tests.proof.proving import problems

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """So many histories of one seed, on these databases."""

    seed: int
    histories: int
    sqlite: str | None
    postgres: str | None


@dataclass(frozen=True, slots=True)
class Proved:
    """How many histories were proved with a seed, what they told, and the one that failed."""

    seed: int
    histories: int = 0
    webhooks: int = 0
    failed: tuple[str, ...] = ()


def prove(asked: Asked) -> Proved:
    """Prove the histories of one seed; in a process of its own."""
    # What fails here was drawn to fail.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with asyncio.Runner(loop_factory=ThreadlessLoop) as runner:
        databases = list(_databases(asked))
        try:
            return _prove(asked, partial(_problems, runner, databases))
        finally:
            for database in databases:
                runner.run(database.close())


def _prove(asked: Asked, find: partial[list[str]]) -> Proved:
    count = webhooks = 0
    failed: tuple[str, ...] = ()

    @seed(asked.seed)
    @settings(
        max_examples=asked.histories,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(histories)
    def every_order_ends_alike(history: History) -> None:
        nonlocal count, webhooks, failed
        found = find(history)
        if found:
            failed = (repr(history), *found[:_SHOWN])
            raise AssertionError
        count += 1
        webhooks += len(live(history).webhooks)

    with suppress(AssertionError):
        every_order_ends_alike()
    return Proved(asked.seed, count, webhooks, failed)


def _problems(runner: asyncio.Runner, databases: Sequence[Database], history: History) -> list[str]:
    return runner.run(problems(history, databases))


def _databases(asked: Asked) -> Iterator[Database]:
    """Those of this process; each seed finds them as the last one left them."""
    if asked.sqlite:
        yield SqliteDatabase(Path(asked.sqlite) / f"state-{os.getpid()}.db")
    if asked.postgres:
        base, _, _ = asked.postgres.rpartition("/")
        yield PostgresDatabase(f"{base}/proof_{_worker()}")


def _worker() -> str:
    """The number of this process in the pool."""
    return multiprocessing.current_process().name.rpartition("-")[2]
