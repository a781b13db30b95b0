"""The log and the state that the settings name, behind their seams. Nothing connects here.

What only one of the implementations needs is imported where it is chosen: a process on the embedded
defaults starts without Kafka's and PostgreSQL's clients.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from eventlog.log import LogIntake, LogReader, LogUnavailableError
from handlers.scrubbing import scrub
from schemas import topics
from state.reading import Reading
from state.store import StateWriter
from voucherify_sync.settings import PREFIX, Settings, SettingsError

if TYPE_CHECKING:
    from eventlog.kafka_connection import KafkaConnection
    from state.postgres_address import Url


class Log(NamedTuple):
    """Both sides of one log; in the embedded log they are one."""

    writer: LogIntake
    reader: LogReader

    async def close(self) -> None:
        """Let go of both sides."""
        await self.writer.close()
        await self.reader.close()


def open_log(settings: Settings, writes: Sequence[str] = topics.ALL_TOPICS) -> Log:
    """The log; `writes` are the topics that will be written to. Raises SettingsError."""
    path = settings.log_path()
    if path is not None:
        from eventlog.embedded import EmbeddedLog

        log = EmbeddedLog(path)
        return Log(log, log)
    return _open_kafka(settings, writes, settings.kafka_group)


def open_replay(settings: Settings) -> Log:
    """The log, to be read from its start without a part in the group. Raises SettingsError.

    Nothing is made: a topic that is not there is said to be, and for a file that is not there it
    raises LogUnavailableError.
    """
    path = settings.log_path()
    if path is None:
        return _open_kafka(settings, (), None)
    if not path.exists():
        raise LogUnavailableError(f"there is no log at {path}; name it with --log")
    return open_log(settings, ())


def open_whole(settings: Settings) -> Log:
    """The log without a part in the group, with the topics that nobody applies, too.

    Raises SettingsError.
    """
    if settings.log_path():
        return open_log(settings, ())
    return _open_kafka(settings, (), None, reads=topics.ALL_TOPICS)


def _open_kafka(
    settings: Settings,
    writes: Sequence[str],
    group: str | None,
    *,
    reads: Sequence[str] = topics.EVENT_TOPICS,
) -> Log:
    from eventlog.kafka_reader import KafkaReader
    from eventlog.kafka_topics import Creation
    from eventlog.kafka_writer import KafkaWriter

    connection = kafka_connection(settings)
    creation = Creation(
        partitions=settings.topic_partitions,
        replication=settings.topic_replication,
        prefix=settings.topic_prefix,
        refused=group is None,
    )
    return Log(
        KafkaWriter(connection, topics=writes, creation=creation),
        KafkaReader(connection, topics=reads, group=group, creation=creation),
    )


def kafka_connection(settings: Settings) -> "KafkaConnection":
    """How the settings say to reach Kafka. Raises SettingsError."""
    from eventlog.kafka_connection import KafkaConnection

    _check_kafka(settings)
    return KafkaConnection(
        servers=settings.kafka_servers(),
        security_protocol=settings.kafka_security_protocol,
        sasl_mechanism=settings.kafka_sasl_mechanism,
        sasl_username=settings.kafka_sasl_username,
        sasl_password=settings.kafka_password(),
        ssl_cafile=settings.kafka_ssl_cafile,
        ssl_certfile=settings.kafka_ssl_certfile,
        ssl_keyfile=settings.kafka_ssl_keyfile,
    )


def _check_kafka(settings: Settings) -> None:
    """Refuse at the start what no broker could make good."""
    if settings.kafka_security_protocol.startswith("SASL"):
        given = {
            "KAFKA_SASL_USERNAME": settings.kafka_sasl_username,
            "KAFKA_SASL_PASSWORD": settings.kafka_password(),
        }
        for name, value in given.items():
            if not value:
                raise SettingsError(
                    f"{PREFIX}{name} is not set, and {PREFIX}KAFKA_SECURITY_PROTOCOL is "
                    f"{settings.kafka_security_protocol}"
                )
    files = {
        "KAFKA_SSL_CAFILE": settings.kafka_ssl_cafile,
        "KAFKA_SSL_CERTFILE": settings.kafka_ssl_certfile,
        "KAFKA_SSL_KEYFILE": settings.kafka_ssl_keyfile,
    }
    for name, path in files.items():
        if path is not None and not path.is_file():
            raise SettingsError(f"{PREFIX}{name}: {path} is no file")


def open_state(settings: Settings) -> StateWriter:
    """The write side of the state database. Raises SettingsError."""
    path = settings.state_path()
    if path is not None:
        from state.sqlite import SqliteState

        return SqliteState(path, scrub=scrub)
    from state.postgres import PostgresState

    with _senseless("STATE"):
        return PostgresState(_postgresql(settings), scrub=scrub)


def open_reader(settings: Settings) -> Reading:
    """The read side of the state database. Raises SettingsError."""
    path = settings.state_path()
    if path is not None:
        from state.sqlite_reader import SqliteReader

        return SqliteReader(path, gap_wait_ms=1000 * settings.gap_wait)
    from state.postgres_reader import PostgresReader

    with _senseless("STATE"):
        return PostgresReader(_postgresql(settings), gap_wait_ms=1000 * settings.gap_wait)


def _postgresql(settings: Settings) -> "Url":
    """The URL; where it stands in a file, as it will stand there at each connection."""
    if settings.state_file is None:
        return settings.state_url()
    from voucherify_sync.state_url import FollowedUrl

    return FollowedUrl(settings.state_url)


@contextmanager
def _senseless(name: str) -> Iterator[None]:
    """What an implementation says of a value that makes no sense, by the setting's name."""
    try:
        yield
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name}: {error}") from None
