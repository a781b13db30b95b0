"""Messages with defaults, and the way to read a log to its end."""

from collections.abc import Mapping

from eventlog.log import Header, LogReader, Message, Partition, Record

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


async def read_all(
    reader: LogReader, positions: Mapping[Partition, int] | None = None, *, limit: int = 500
) -> list[Record]:
    """Every record from the positions on, in pages of `limit`."""
    found: list[Record] = []
    reached = dict(positions or {})
    while page := list(await reader.read(reached, limit=limit, wait=0)):
        found += page
        reached = after(page, reached)
    return found


async def values(
    reader: LogReader, positions: Mapping[Partition, int] | None = None
) -> list[bytes]:
    """The values of every record from the positions on."""
    return [record.value for record in await read_all(reader, positions)]
