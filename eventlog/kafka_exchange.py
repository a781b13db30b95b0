"""Requests and answers on one connection without a task: an answer is handled as it is read.

aiokafka's own way wakes a chain of tasks, each a turn of the event loop later. Under load a turn is
long, because all that has arrived meanwhile is read in it: a tenth of a second went into waiting
for turns (docs/benchmarks.md). So the connection is aiokafka's until it stands, and ours then.
"""

import asyncio
import struct
import time
from collections import deque
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final, NamedTuple, cast

_SIZE: Final = struct.Struct(">i")
_NUMBERED: Final = struct.Struct(">ii")  # size, and the number of the request

Answered = Callable[[Any, BaseException | None], None]


class _Asked(NamedTuple):
    number: int
    request: Any
    answered: Answered
    limit: asyncio.TimerHandle


class Exchange(asyncio.Protocol):
    """Takes `connection` (AIOKafkaConnection) over from its own reading, for good.

    A broker answers in the order in which it is asked.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._theirs: asyncio.StreamReaderProtocol = connection._protocol
        self._transport = cast("asyncio.Transport", connection._writer.transport)
        self._asked: deque[_Asked] = deque()
        self._came = b""
        self._transport.set_protocol(self)

    def ask(self, request: Any, answered: Answered, *, seconds: float) -> None:
        """Send a request; `answered` is called once, and never from in here.

        With the answer, or with the error after which the connection is of no more use.
        """
        connection = self._connection
        made = request.prepare(connection._versions)
        number = connection._next_correlation_id()
        head = made.build_request_header(number, connection._client_id).encode()
        body = made.encode()
        limit = self._loop.call_later(seconds, self._give_up)
        self._asked.append(_Asked(number, made, answered, limit))
        self._transport.write(b"".join((_SIZE.pack(len(head) + len(body)), head, body)))

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        came = self._came = self._came + data if self._came else data
        while len(came) >= _NUMBERED.size:
            size, number = _NUMBERED.unpack_from(came)
            end = _SIZE.size + size
            if len(came) < end:
                return
            answer = BytesIO(came[_NUMBERED.size : end])
            came = self._came = came[end:]
            if not self._asked or self._asked[0].number != number:
                self._transport.abort()
                return
            self._hand_over(self._asked.popleft(), answer)

    def _hand_over(self, asked: _Asked, answer: BytesIO) -> None:
        asked.limit.cancel()
        self._connection._last_action = time.monotonic()
        try:
            found = asked.request.RESPONSE_TYPE.decode(answer)
        except (ValueError, struct.error) as error:
            asked.answered(None, error)
            self._transport.abort()
        else:
            asked.answered(found, None)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._theirs.connection_lost(exc)
        self._fail(exc or ConnectionResetError("closed"))

    def eof_received(self) -> None:
        """See asyncio.Protocol. The connection ends with it."""
        self._theirs.eof_received()

    def pause_writing(self) -> None:
        """See asyncio.Protocol. One request at a time is bounded already."""

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""

    def _give_up(self) -> None:
        self._transport.abort()
        self._fail(TimeoutError())

    def _fail(self, error: BaseException) -> None:
        asked, self._asked = self._asked, deque()
        for one in asked:
            one.limit.cancel()
            one.answered(None, error)
