"""An SDK in a process of its own: questions in, what the SDK returns out."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from voucherify_sync.simulator.wire import Json

_LONGEST_LINE: Final = 2**26


@dataclass(frozen=True, slots=True)
class Client:
    """Whom an SDK asks, as whom."""

    url: str
    app_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What an SDK returned, as JSON, with the answer that it was made of where it tells that.

    Of what it raised, the status of the answer and the error object; status 0 where it refused what
    it got.
    """

    status: int
    body: Json
    raw: Json | None = None


class Sdk:
    """One SDK's driver at work; it takes one question after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def methods(self) -> Any:
        """All methods that read, as the driver tells them."""
        return await self._ask({"method": ""})

    async def call(
        self, client: Client, method: str, arguments: Mapping[str, Any] | Sequence[Any]
    ) -> Returned:
        """Call one method."""
        whom = (client.url, client.app_id, client.token)
        return Returned(
            **await self._ask({"client": whom, "method": method, "arguments": arguments})
        )

    async def _ask(self, question: Json) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        line = await self._process.stdout.readline()
        assert line, "the SDK's driver ended"
        return json.loads(line)

    async def end(self) -> int:
        """No more questions; the exit code."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return await self._process.wait()


@asynccontextmanager
async def driving(command: Sequence[str], folder: Path) -> AsyncIterator[Sdk]:
    """A driver at work in a folder, where it leaves what it says on stderr."""
    log = folder / "sdk.log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            limit=_LONGEST_LINE,
        )
    sdk = Sdk(process)
    try:
        yield sdk
    finally:
        code = await sdk.end()
    assert (0, "") == (code, log.read_text())
