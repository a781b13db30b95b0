"""What waits to be sent, in order, lane by lane: a lane is one partition.

The plain bookkeeping of the writer. Nothing here sends, waits or knows the time by itself.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from eventlog import kafka_packing
from eventlog.kafka_packing import Batch, Producer
from eventlog.log import LogUnavailableError, Message, Partition
from eventlog.written import Written

BATCH_BYTES: Final = 900_000
_FIRST_BACKOFF: Final = 0.1
_MOST_BACKOFF: Final = 1.0


class Receipt:
    """What one caller waits for: all of its messages, or the first failure.

    It does not know the letters. If it did, each body would stay until the garbage collector came.
    """

    __slots__ = ("_left", "done")

    def __init__(self, done: Written, count: int) -> None:
        self.done = done
        self._left = count

    def acknowledge_one(self) -> None:
        """One of the messages is durable."""
        self._left -= 1
        if self._left == 0:
            self.done.settle()

    def fail(self, problem: str) -> None:
        """One of them is not, as far as is known."""
        self.done.settle(LogUnavailableError(problem))


@dataclass(slots=True)
class Letter:
    """One message on its way, packed."""

    topic: str
    key: bytes
    packed: bytes
    size: int
    receipt: Receipt


def letters_of(messages: Sequence[Message], done: Written) -> list[Letter]:
    """What one caller hands over. Raises UnicodeEncodeError where a header can't be sent."""
    receipt = Receipt(done, len(messages))
    return [_letter(message, receipt) for message in messages]


def _letter(message: Message, receipt: Receipt) -> Letter:
    packed = kafka_packing.pack(message)
    size = len(packed) + kafka_packing.OVERHEAD
    return Letter(message.topic, message.key, packed, size, receipt)


@dataclass(slots=True)
class Load:
    """How much is held in memory, from its hand-over until it is written or given up."""

    messages: int = 0
    bytes: int = 0

    def add(self, letters: Iterable[Letter]) -> None:
        """These came."""
        for letter in letters:
            self.messages += 1
            self.bytes += letter.size

    def remove(self, letters: Iterable[Letter]) -> None:
        """These left."""
        for letter in letters:
            self.messages -= 1
            self.bytes -= letter.size


@dataclass(slots=True)
class Identity:
    """A producer as the brokers know it: each batch of a partition follows on the one before.

    After a batch that was not acknowledged nobody knows whether the next would follow on, and a
    broker that comes back without its data may give the same id to another: then this identity is
    given up, and a new one begins with every partition at 0.
    """

    producer: Producer
    is_used: bool = False
    sequences: dict[Partition, int] = field(default_factory=dict)


@dataclass(slots=True)
class Parcel:
    """The letters of one batch; `data` is the batch as it is sent again and again.

    `begun` is the moment of its first sending, `failed` that of its last failure
    and `problem` what was said then.
    """

    letters: list[Letter]
    begun: float
    failed: float = 0.0
    problem: str | None = None
    identity: Identity | None = None
    data: Batch | None = None
    attempts: int = 0

    @property
    def size(self) -> int:
        """How large the batch is, about."""
        return sum(letter.size for letter in self.letters)


@dataclass(slots=True)
class Lane:
    """One partition's letters; at most one parcel of them is under way.

    `limit` is the size of a parcel, made smaller where the topic takes only smaller ones. `due` is
    the moment before which a parcel that failed is not sent again.
    """

    partition: Partition
    load: Load
    waiting: deque[Letter] = field(default_factory=deque)
    parcel: Parcel | None = None
    limit: int = BATCH_BYTES
    due: float = 0.0
    is_under_way: bool = False

    def take(self, now: float) -> Parcel | None:
        """What is to be sent next: the parcel that failed, or a new one, or nothing."""
        if self.parcel is None:
            letters = self._gather()
            self.parcel = Parcel(letters, begun=now) if letters else None
        return self.parcel

    def write(self, parcel: Parcel, identity: Identity, now_ms: int) -> Batch:
        """The parcel's batch: the same bytes as before, if it was sent before."""
        if parcel.data is None:
            packed = [letter.packed for letter in parcel.letters]
            sequence = identity.sequences.get(self.partition, 0)
            parcel.data = kafka_packing.batch(packed, identity.producer, sequence, now_ms)
            parcel.identity = identity
            identity.is_used = True
        return parcel.data

    def acknowledge(self) -> None:
        """The parcel is durable."""
        parcel, self.parcel = self.parcel, None
        if parcel is None:
            return
        if parcel.identity:
            sequences = parcel.identity.sequences
            behind = sequences.get(self.partition, 0) + len(parcel.letters)
            sequences[self.partition] = behind & 0x7FFF_FFFF
        self.load.remove(parcel.letters)
        for letter in parcel.letters:
            letter.receipt.acknowledge_one()

    def fail(self, problem: str) -> None:
        """The parcel is given up."""
        parcel, self.parcel = self.parcel, None
        if parcel:
            self._give_up(parcel.letters, problem)

    def fail_all(self, problem: str) -> None:
        """The parcel and all behind it are given up."""
        self.fail(problem)
        waiting, self.waiting = self.waiting, deque()
        self._give_up(waiting, problem)

    def put_off(self, now: float, problem: str) -> None:
        """The parcel is sent again, a little later each time."""
        if self.parcel:
            self.due = now + min(_FIRST_BACKOFF * 2**self.parcel.attempts, _MOST_BACKOFF)
            self.parcel.attempts += 1
            self.parcel.failed = now
            self.parcel.problem = problem

    def rewrite(self) -> None:
        """The parcel is sent as a new batch, because the brokers do not know its identity."""
        if self.parcel:
            self.parcel.data = None

    def halve(self) -> None:
        """The parcel is too large: go on with smaller ones of the same letters."""
        parcel, self.parcel = self.parcel, None
        if parcel:
            self.limit = parcel.size // 2
            self.waiting.extendleft(reversed(parcel.letters))

    def purge(self) -> bool:
        """Drop what nobody waits for any more and is not under way; whether anything is left."""
        self.waiting = deque(still_wanted(self.waiting, self.load))
        return bool(self.waiting or self.parcel)

    def _gather(self) -> list[Letter]:
        """As many as fit, at least one."""
        letters: list[Letter] = []
        size = 0
        while self.waiting and (not letters or size + self.waiting[0].size <= self.limit):
            letter = self.waiting.popleft()
            if letter.receipt.done.done():
                self.load.remove((letter,))
                continue
            letters.append(letter)
            size += letter.size
        return letters

    def _give_up(self, letters: Iterable[Letter], problem: str) -> None:
        self.load.remove(letters)
        for letter in letters:
            letter.receipt.fail(problem)


def still_wanted(letters: Iterable[Letter], load: Load) -> list[Letter]:
    """Those that somebody waits for; the others leave memory."""
    wanted: list[Letter] = []
    for letter in letters:
        if letter.receipt.done.done():
            load.remove((letter,))
        else:
            wanted.append(letter)
    return wanted
