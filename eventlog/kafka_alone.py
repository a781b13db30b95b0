"""Reading all partitions without a group: for one reader that disturbs nobody.

Stands in for `kafka_member.py` where the log is replayed: it is given everything, joins nothing and
tells nobody how far it is.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from eventlog.kafka_cluster import Cluster
from eventlog.kafka_member import Assignment
from eventlog.kafka_topics import Creation, ensure
from eventlog.log import LogUnavailableError, Partition

_LOOK_SECONDS: Final = 30.0
_BACKOFF: Final = 0.5


class Alone:
    """Of one event loop. `run` until cancelled; `changed` is called at changes."""

    def __init__(
        self, cluster: Cluster, creation: Creation, *, changed: Callable[[], None]
    ) -> None:
        self._cluster = cluster
        self._creation = creation
        self._changed = changed
        self.assignment: Assignment | None = None
        self.problem: str | None = None

    def touch(self) -> None:
        """The caller is reading, which is nobody's concern."""

    def report(self, applied: Mapping[Partition, int]) -> None:
        """There is no group to tell."""

    async def run(self) -> None:
        """Look which partitions there are until cancelled."""
        while True:
            try:
                layout, _ = await ensure(self._cluster, self._creation)
            except LogUnavailableError as away:
                self.problem = str(away)
                await asyncio.sleep(_BACKOFF)
                continue
            self.problem = None
            self._assign(frozenset(layout.leaders))
            await asyncio.sleep(_LOOK_SECONDS)

    async def commit(self) -> None:
        """There is no group to tell."""

    async def leave(self) -> None:
        """There is no group to leave."""

    def _assign(self, partitions: frozenset[Partition]) -> None:
        before = self.assignment
        if before is None or before.partitions != partitions:
            self.assignment = Assignment(before.number + 1 if before else 1, partitions)
            self._changed()
