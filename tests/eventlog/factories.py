"""Messages with defaults, and the way to read a log to its end."""

import asyncio
from collections.abc import Mapping

from eventlog.log import AssignmentChangedError, Header, LogReader, Message, Partition, Record

TOPIC = "voucherify.v2024-01-01.loyalty"


def message(
    value: bytes | str = b"{}",
    *,
    topic: str = TOPIC,
    key: bytes = b"v_1",
    headers: tuple[Header, ...] = (("ce_id", b"evvou_1"),),
) -> Message:
    """A message of which only the value matters."""
    return Message(topic, key, value.encode() if isinstance(value, str) else value, headers)


def after(records: list[Record], before: Mapping[Partition, int]) -> dict[Partition, int]:
    """The positions behind these records."""
    return {**before, **{record.partition: record.offset + 1 for record in records}}


async def read_some(
    reader: LogReader,
    positions: Mapping[Partition, int] | None = None,
    *,
    limit: int = 500,
    wait: float = 5,
) -> list[Record]:
    """One page; other partitions than before are taken as they come."""
    while True:
        try:
            return list(await reader.read(positions or {}, limit=limit, wait=wait))
        except AssignmentChangedError:
            continue


async def settle(reader: LogReader) -> None:
    """Wait until a reader in a group is given its partitions."""
    async with asyncio.timeout(20):
        while True:
            try:
                await reader.read({}, limit=1, wait=0.2)
            except AssignmentChangedError:
                return


async def read_all(
    reader: LogReader, positions: Mapping[Partition, int] | None = None, *, limit: int = 500
) -> list[Record]:
    """Every record from the positions on, in pages of `limit`."""
    found: list[Record] = []
    reached = dict(positions or {})
    ends = await reader.ends()
    while True:
        is_behind = any(reached.get(place, 0) < end for place, end in ends.items())
        page = await read_some(reader, reached, limit=limit, wait=5 if is_behind else 0)
        found += page
        reached = after(page, reached)
        if not page and not is_behind:
            return found


async def values(
    reader: LogReader, positions: Mapping[Partition, int] | None = None
) -> list[bytes]:
    """The values of every record from the positions on."""
    return [record.value for record in await read_all(reader, positions)]
