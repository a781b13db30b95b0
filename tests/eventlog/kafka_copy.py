"""A copy of a consumer group as a process of its own, to be killed.

`python -m tests.eventlog.kafka_copy SERVERS GROUP PREFIX TOPIC`: prints how many partitions it is
given each time it is given others, and reads until it is killed.
"""

import asyncio
import sys

import structlog

from eventlog.kafka_connection import KafkaConnection
from eventlog.kafka_reader import KafkaReader
from eventlog.kafka_topics import Creation
from eventlog.log import AssignmentChangedError


async def main(servers: str, group: str, prefix: str, topic: str) -> None:
    """Read for ever, from the beginning."""
    reader = KafkaReader(
        KafkaConnection(servers.split(",")),
        topics=[topic],
        group=group,
        creation=Creation(prefix=prefix),
    )
    while True:
        try:
            await reader.read({}, limit=1, wait=0.2)
        except AssignmentChangedError as changed:
            sys.stdout.write(f"{changed}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(*sys.argv[1:]))
