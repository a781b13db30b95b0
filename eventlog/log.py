"""The seam between receiver and handlers: an append-only log of messages, read by position.

Two implementations stand behind it: the embedded log on SQLite and Kafka. One contract test suite
runs against each. Nothing here knows what a message means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from eventlog.written import Written

Header = tuple[str, bytes]


class LogUnavailableError(Exception):
    """The log did not take or give records now. Nothing is lost; the caller may try again.

    The message says what is wrong and what to do, without a word of the records' content.
    """


class PositionLostError(Exception):
    """The log no longer has the records at a position. Going on would skip events silently."""


class AssignmentChangedError(Exception):
    """The partitions that this reader is given are others than before; read positions anew."""


class Message(NamedTuple):
    """What a producer hands over: a topic, a key that keeps one thing in order, bytes, headers."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[Header, ...] = ()


class Partition(NamedTuple):
    """One ordered sequence of the log; offsets count within it."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Record:
    """A message as read back, with its place in the log."""

    partition: Partition
    offset: int
    topic: str
    key: bytes
    value: bytes
    headers: tuple[Header, ...]


class LogWriter(Protocol):
    """Takes messages durably. Safe to call from many tasks at once."""

    async def append(self, messages: Sequence[Message]) -> None:
        """Return once every message is durable, in the order given.

        Raises LogUnavailableError when the log refuses or is full of waiting messages; the messages
        may then be in the log or not. May wait as long as the storage does: the caller sets the
        time limit. After a cancellation, too, the messages may be in the log.
        """
        ...

    async def check(self) -> None:
        """Return if the log would take a message now, else raise LogUnavailableError."""
        ...

    async def close(self) -> None:
        """Write out what was handed over, then let go of the storage."""
        ...


class LogIntake(LogWriter, Protocol):
    """A LogWriter as the receiver uses it, which waits for very many things at once."""

    def put(self, messages: Sequence[Message]) -> Written:
        """Hand over messages, of which there is at least one, without waiting.

        What it gives says what `append` says; this, too, raises LogUnavailableError. Who waits no
        longer settles or cancels it, and what the log has not begun to write by then is dropped.
        """
        ...


class LogReader(Protocol):
    """Gives records in order, from positions that the caller keeps.

    Where several copies read one log, each is given some of its partitions.
    """

    async def read(
        self, positions: Mapping[Partition, int], *, limit: int, wait: float
    ) -> Sequence[Record]:
        """Records from the given positions on (0 where a partition is not named), oldest first.

        Each position is the offset of the next record wanted. Returns at most `limit` records and
        about 8 MiB, as soon as there are any, or none after `wait` seconds. Reading changes
        nothing: the same positions give the same records again, followed by newer ones. Raises
        AssignmentChangedError once whenever this reader is given other partitions or may be given
        another log under the same names,
        PositionLostError when a position is not within what the log has, LogUnavailableError when
        it can't be read.
        """
        ...

    async def begins(self) -> Mapping[Partition, int]:
        """For each partition, whoever reads it, the offset of the oldest record that it has."""
        ...

    async def ends(self) -> Mapping[Partition, int]:
        """For each partition, whoever reads it, the offset that its next record will get."""
        ...

    async def report_applied(self, applied: Mapping[Partition, int]) -> None:
        """Tell the tools that watch this log how far its records are applied. Never raises.

        Nothing of ours depends on it: the positions that count are kept with the state.
        """
        ...

    async def trim(self, applied: Mapping[Partition, int], *, older_than_seconds: float) -> int:
        """Drop records before the applied positions that are older; return how many were dropped.

        A log with its own retention (Kafka) does nothing and returns 0.
        """
        ...

    async def close(self) -> None:
        """Let go of the storage."""
        ...
