"""A process that appends numbers to an embedded log and prints each one once it is durable.

`python -m tests.eventlog.appender PATH TASKS COUNT`: ends after COUNT appends of each task.
"""

import asyncio
import sys
from pathlib import Path

from eventlog.embedded import EmbeddedLog
from tests.eventlog.factories import message


async def main(path: Path, tasks: int, count: int) -> None:
    """Append as fast as the log takes it."""
    log = EmbeddedLog(path)

    async def append_some(task: int) -> None:
        for n in range(count):
            await log.append([message(f"{task}-{n}", headers=(("filler", b"x" * 2_000),))])
            sys.stdout.write(f"{task}-{n}\n")
            sys.stdout.flush()

    await asyncio.gather(*(append_some(task) for task in range(tasks)))
    await log.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
