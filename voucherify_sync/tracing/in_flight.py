"""The records that were read within a trace and are not applied yet: those of the last read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from opentelemetry.context import Context

from eventlog.log import Record
from state.store import PartitionKey
from voucherify_sync.tracing import carrying


class Traced(NamedTuple):
    """A record's place and topic, the context it was written in, and when it was read, in ns."""

    partition: PartitionKey
    offset: int
    topic: str
    context: Context
    read_at: int


class InFlight:
    """Reading fills it, applying empties it; what is read again replaces what was read before."""

    def __init__(self) -> None:
        self._traced: Sequence[Traced] = ()

    def came(self, records: Iterable[Record], now: int) -> None:
        """These were read."""
        self._traced = [
            Traced(one.partition, one.offset, one.topic, context, now)
            for one in records
            if (context := carrying.from_record(one.headers)) is not None
        ]

    def within(self, moves: Mapping[PartitionKey, tuple[int, int]]) -> Sequence[Traced]:
        """Those that a batch covers."""
        return [
            one
            for one in self._traced
            if one.partition in moves
            and moves[one.partition][0] <= one.offset < moves[one.partition][1]
        ]
