"""Reads the body of a delivery, within limits of bytes and seconds.

The bytes stay exactly as they came, compressed or not: they are what was signed. Whoever sends them
is not verified yet, so what they can take of this process is bounded, each alone and all together.
"""

import asyncio
from typing import Final

from starlette.types import Receive

from receiver import answers, metrics
from receiver.answers import Answer, Refused
from receiver.limits import Limits


class SenderLeftError(Exception):
    """The connection ended before the whole body was there; nobody waits for an answer."""


class Bodies:
    """Reads bodies of at most `max_body` bytes, and knows how many bytes are held in all."""

    def __init__(self, max_body: int, limits: Limits) -> None:
        self._max_body = max_body
        self._most_held = limits.in_flight_bytes
        self._seconds = limits.body_seconds
        self._too_large: Final[Answer] = answers.body_too_large(max_body)
        self.held = 0
        metrics.BYTES_IN_FLIGHT.set_function(lambda: self.held)

    async def read(self, receive: Receive, declared: int | None) -> bytes:
        """The whole body, which is held until `release`; `declared` is its Content-Length.

        Raises Refused or SenderLeftError, and then holds nothing.
        """
        if declared and declared > self._max_body:
            raise Refused(self._too_large)
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise SenderLeftError
                    chunk: bytes = message.get("body", b"")
                    size += len(chunk)
                    self._hold(len(chunk), size)
                    chunks.append(chunk)
                    if not message.get("more_body", False):
                        return chunks[0] if len(chunks) == 1 else b"".join(chunks)
        except TimeoutError:
            self.held -= size
            raise Refused(answers.BODY_TOO_SLOW) from None
        except BaseException:
            self.held -= size
            raise

    def hold(self, body: bytes) -> None:
        """As `read`, where the whole body is there already. Raises Refused, and holds nothing."""
        if len(body) > self._max_body:
            raise Refused(self._too_large)
        if self.held + len(body) > self._most_held:
            raise Refused(answers.OVERLOADED)
        self.held += len(body)

    def release(self, body: bytes) -> None:
        """The body is no longer needed."""
        self.held -= len(body)

    def _hold(self, added: int, size: int) -> None:
        self.held += added
        if size > self._max_body:
            raise Refused(self._too_large)
        if self.held > self._most_held:
            raise Refused(answers.OVERLOADED)
