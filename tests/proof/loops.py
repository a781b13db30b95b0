"""An event loop for many small databases: what would run in another thread runs at once.

The parts are the real ones; only the way to another thread and back is left out, which takes longer
than their statements.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class ThreadlessLoop(asyncio.SelectorEventLoop):
    """Give it to `asyncio.Runner` as its `loop_factory`."""

    def run_in_executor(
        self,
        executor: Executor | None,  # noqa: ARG002
        func: Callable[[Unpack[Ts]], T],
        *args: *Ts,
    ) -> asyncio.Future[T]:
        """Run it now."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future
