"""How many copies, partitions and databases so much takes: the model of docs/capacity.md.

`python -m benchmarks.capacity` prints its tables. Options (`--receiver-us 80`) replace what was
measured here by what was measured elsewhere, and what is assumed by what is known.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

import click

RATES: Final = (1_000, 10_000, 100_000)
"""Events a second at the peak."""

CARDS: Final = (10_000_000, 100_000_000, 1_000_000_000)

_MICROSECONDS: Final = 1e6
_SECONDS_A_DAY: Final = 86_400
_REPLICAS: Final = 3
_LEAST_COPIES: Final = 2
"""One may be away."""

_LEAST_PARTITIONS: Final = 12


@dataclass(frozen=True, slots=True)
class Known:
    """What an event, a read and a card take, and what servers bear.

    The first part is measured (`make bench`, docs/benchmarks.md): CPU in µs, sizes in bytes. The
    second is assumed: `busy` is how much of a core is used at the peak, the rest is for bursts.
    """

    receiver_us: float = 60
    broker_us: float = 20
    handlers_us: float = 184
    database_us: float = 114
    query_us: float = 291
    database_read_us: float = 132
    log_bytes: float = 2_180
    wal_bytes: float = 8_283
    card_bytes: float = 14_700
    index_bytes: float = 5_070
    event_bytes: float = 4_700

    busy: float = 0.6
    reads_for_an_event: float = 5
    mean_of_peak: float = 0.1
    retention_days: float = 7
    server_cores: float = 64
    server_wal_mb: float = 200
    server_memory_gb: float = 512
    server_disk_tb: float = 16


class Limit(NamedTuple):
    """How full the fullest thing of one database server would be; above 1 it needs several."""

    what: str
    share: float

    @property
    def servers(self) -> int:
        """So many servers, with the things spread over them, are needed."""
        return max(1, math.ceil(self.share))

    def __str__(self) -> str:
        """As the tables have it."""
        return (
            f"{self.what}, {self.share:.0%}"
            if self.share < 10
            else f"{self.what}, {self.share:.0f} ×"
        )


def fullest(shares: Mapping[str, float]) -> Limit:
    """What breaks first."""
    return Limit(*max(shares.items(), key=lambda one: one[1]))


def peak(known: Known, rate: int) -> tuple[str, ...]:
    """A row of the first table."""
    handlers = _copies(rate * known.handlers_us, known)
    reads = rate * known.reads_for_an_event
    cores = (rate * known.database_us + reads * known.database_read_us) / _MICROSECONDS / known.busy
    wal = rate * known.wal_bytes / 1e6
    mean = rate * known.mean_of_peak
    log = mean * known.log_bytes * _SECONDS_A_DAY * known.retention_days * _REPLICAS
    limit = fullest(
        {"CPU": cores / known.server_cores, "write-ahead log": wal / known.server_wal_mb}
    )
    return (
        f"{rate:,}",
        f"{_copies(rate * known.receiver_us, known)}",
        f"{_cores(rate * known.broker_us * _REPLICAS, known):.1f}",
        _terabytes(log),
        f"{partitions(handlers)}",
        f"{handlers}",
        f"{_copies(reads * known.query_us, known)}",
        f"{cores:.1f}",
        f"{wal:.0f} MB/s",
        f"{limit.servers}",
        str(limit),
    )


def kept(known: Known, cards: int) -> tuple[str, ...]:
    """A row of the second table."""
    size, indexes = cards * known.card_bytes, cards * known.index_bytes
    limit = fullest(
        {
            "memory for indexes": indexes / (known.server_memory_gb * 1e9),
            "disk": size / (known.server_disk_tb * 1e12),
        }
    )
    return (
        f"{cards / 1e6:,.0f} M",
        _terabytes(size),
        _terabytes(indexes),
        f"{limit.servers}",
        str(limit),
    )


def grown(known: Known, rate: int) -> tuple[str, ...]:
    """A row of the third table: what a year adds at the mean of a peak rate."""
    mean = rate * known.mean_of_peak
    events = mean * _SECONDS_A_DAY * 365
    return (
        f"{rate:,}",
        f"{mean:,.0f}",
        f"{events / 1e9:.1f} G",
        _terabytes(events * known.event_bytes),
    )


def partitions(handlers: int) -> int:
    """Twice as many as copies, so that more can join; a multiple of what settings begin with."""
    return max(_LEAST_PARTITIONS, math.ceil(2 * handlers / _LEAST_PARTITIONS) * _LEAST_PARTITIONS)


TABLES: Final[
    tuple[tuple[Sequence[str], Callable[[Known, int], Sequence[str]], Sequence[int]], ...]
] = (
    (
        (
            "events/s at the peak",
            "receivers",
            "cores of brokers",
            "log on disk",
            "partitions",
            "handlers",
            "query",
            "cores of databases",
            "write-ahead log",
            "databases",
            "fullest in one",
        ),
        peak,
        RATES,
    ),
    (("cards", "size", "of it indexes", "databases", "fullest in one"), kept, CARDS),
    (("events/s at the peak", "on average", "events a year", "they add a year"), grown, RATES),
)


def tables(known: Known) -> Iterator[str]:
    """The tables in Markdown, line by line."""
    for heads, row, amounts in TABLES:
        yield from _table(heads, (row(known, amount) for amount in amounts))
        yield ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for cells in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(cells)} |"


def _cores(microseconds: float, known: Known) -> float:
    """Cores for so much CPU time a second."""
    return microseconds / _MICROSECONDS / known.busy


def _copies(microseconds: float, known: Known) -> int:
    return max(_LEAST_COPIES, math.ceil(_cores(microseconds, known)))


def _terabytes(size: float) -> str:
    return f"{size / 1e12:,.1f} TB" if size >= 1e12 else f"{size / 1e9:,.0f} GB"


def main(**given: Any) -> None:
    """Print the tables."""
    print(*tables(Known(**given)), sep="\n")


COMMAND: Final = click.Command(
    "capacity",
    callback=main,
    help=__doc__,
    params=[
        click.Option(
            [f"--{one.name.replace('_', '-')}"], type=float, default=one.default, show_default=True
        )
        for one in fields(Known)
    ],
)

if __name__ == "__main__":
    COMMAND()
