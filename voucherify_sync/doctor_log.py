"""The doctor's look at the log: is it there, does it take messages, are Kafka's topics right.

Makes nothing: a log or topic that is not there yet is said to be, and left to the first start.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eventlog.log import LogUnavailableError
from voucherify_sync.doctor_parts import Part
from voucherify_sync.findings import Finding, failure, ok, skipped, warning
from voucherify_sync.settings import Settings
from voucherify_sync.stores import kafka_connection, open_log

if TYPE_CHECKING:
    from eventlog.kafka_described import Described, Description

_DAY_MS: Final = 86_400_000
_LEAST_DAYS: Final = 7
_HEADERS_BYTES: Final = 65_536
_SHOWN: Final = 3
_AS_IT_SAYS: Final = "do what it says, then look again"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, and whether the log is there with all that the part reads."""

    findings: Sequence[Finding]
    is_whole: bool = False


async def look(settings: Settings, part: Part) -> Looked:
    """All findings about the log that the settings name, as far as the part has to do with it."""
    if not part.topics:
        return Looked([skipped("log", f"`{part.name}` needs none")])
    path = settings.log_path()
    if path is None:
        return await _kafka(settings, part)
    if not path.exists():
        missing = f"there is none at {path} yet"
        return Looked([warning("log", missing, "`voucherify-sync serve` makes it")])
    log = open_log(settings, ())
    try:
        await log.writer.check()
    except LogUnavailableError as away:
        return Looked([failure("log", str(away), _AS_IT_SAYS)])
    finally:
        await log.close()
    found = [ok("log", f"{path} takes messages durably"), skipped("topics", "it is no Kafka")]
    return Looked(found, is_whole=True)


async def _kafka(settings: Settings, part: Part) -> Looked:
    """Of the part's topics alone: its user may know nothing of others."""
    from eventlog.kafka_described import describe

    names = [settings.topic_prefix + topic for topic in part.topics]
    try:
        found = await describe(kafka_connection(settings), names)
    except LogUnavailableError as away:
        return Looked([failure("log", str(away), _AS_IT_SAYS)])
    findings = [ok("log", f"Kafka answers, {found.brokers} broker(s)"), *judge(found, settings)]
    return Looked(findings, is_whole=not found.missing)


def judge(found: "Description", settings: Settings) -> Iterator[Finding]:
    """What is to be said of the topics, a line for each way in which some of them are wrong."""
    if found.missing:
        yield warning(
            "topics",
            f"{len(found.missing)} of {len(found.missing) + len(found.topics)} are not there yet",
            "the first start makes them, if this user may",
        )
    wrong = False
    for says, is_so, finding, mend in _RULES:
        concerned = [topic.name for topic in found.topics if is_so(topic, found, settings)]
        if concerned:
            wrong = True
            more = f" and {len(concerned) - _SHOWN} more" if concerned[_SHOWN:] else ""
            yield finding("topics", f"{says}: {', '.join(concerned[:_SHOWN])}{more}", mend)
    if found.topics and not wrong:
        fewest = min(topic.partitions for topic in found.topics)
        yield ok("topics", f"{len(found.topics)} with at least {fewest} partition(s) are right")


def _number(topic: "Described", setting: str, otherwise: int) -> int:
    found = topic.number(setting)
    return otherwise if found is None else found


def _is_short_of_copies(topic: "Described", found: "Description", _: Settings) -> bool:
    return topic.replicas == 1 and found.brokers > 1


def _is_acknowledged_by_one(topic: "Described", _: "Description", __: Settings) -> bool:
    return topic.replicas > 1 and _number(topic, "min.insync.replicas", 2) < 2


def _can_never_be_written(topic: "Described", _: "Description", __: Settings) -> bool:
    return _number(topic, "min.insync.replicas", 1) > topic.replicas


def _stops_with_one_broker(topic: "Described", _: "Description", __: Settings) -> bool:
    return 1 < _number(topic, "min.insync.replicas", 1) == topic.replicas


def _forgets_soon(topic: "Described", _: "Description", __: Settings) -> bool:
    return 0 <= _number(topic, "retention.ms", -1) < _LEAST_DAYS * _DAY_MS


def _is_compacted(topic: "Described", _: "Description", __: Settings) -> bool:
    return "compact" in topic.settings.get("cleanup.policy", "")


def _refuses_large_ones(topic: "Described", _: "Description", settings: Settings) -> bool:
    most = _number(topic, "max.message.bytes", 2**31)
    return most < settings.max_body + _HEADERS_BYTES


_Rule = tuple[
    str,
    Callable[["Described", "Description", Settings], bool],
    Callable[[str, str, str], Finding],
    str,
]
_RULES: Final[Sequence[_Rule]] = (
    (
        "settings can't be seen",
        lambda topic, *_: not topic.settings,
        warning,
        "allow this user DescribeConfigs on them, else nobody knows whether they are right",
    ),
    (
        "partitions without a leader",
        lambda topic, *_: topic.leaderless > 0,
        failure,
        "check that all brokers run",
    ),
    (
        "more copies must acknowledge than there are",
        _can_never_be_written,
        failure,
        "lower min.insync.replicas, or add replicas",
    ),
    (
        "compacted, so earlier events of a thing vanish",
        _is_compacted,
        failure,
        "set cleanup.policy=delete",
    ),
    (
        "copies are behind",
        lambda topic, *_: topic.in_sync < topic.replicas,
        warning,
        "check that all brokers run",
    ),
    (
        "one copy only, which is lost with its broker",
        _is_short_of_copies,
        warning,
        "use 3 replicas (VOUCHERIFY_SYNC_TOPIC_REPLICATION, for new topics)",
    ),
    (
        "one copy is enough to acknowledge",
        _is_acknowledged_by_one,
        warning,
        "set min.insync.replicas=2, so that 202 outlives a broker",
    ),
    (
        "all copies must acknowledge",
        _stops_with_one_broker,
        warning,
        "one broker away stops deliveries: set min.insync.replicas one below the replicas",
    ),
    (
        f"kept for less than {_LEAST_DAYS} days",
        _forgets_soon,
        warning,
        "raise retention.ms: handlers may stand still no longer, and a rebuild goes no further "
        "back",
    ),
    (
        "the largest deliveries do not fit",
        _refuses_large_ones,
        warning,
        "raise max.message.bytes above VOUCHERIFY_SYNC_MAX_BODY and its headers (2097152)",
    ),
    (
        "one partition, so one copy of the handlers applies it",
        lambda topic, *_: topic.partitions == 1,
        warning,
        "add partitions before there is much in it",
    ),
)
