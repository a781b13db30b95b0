"""What a broker remembers of our fetches: it is told what changed, and tells what is new.

These are Kafka's incremental fetch sessions (KIP-227). Among the partitions that it remembers, a
broker lets those that gave something wait behind the others; old ones also those that gave nothing
but a new end. One that has no room for a session names none, and is asked for everything each time.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from eventlog import kafka_fetch_request
from eventlog.kafka_errors import SESSION_LOST
from eventlog.kafka_fetch_request import Found, Limits, Place
from eventlog.log import Partition

_NONE: Final = 0
_BEGINNING: Final = 0
_LAST_EPOCH: Final = (1 << 31) - 1

InOrder = Callable[[list[Partition]], list[Partition]]
"""In which order a broker that remembers nothing is to fill its answer."""


class FetchSession:
    """With one broker, one request at a time.

    Of a request without an answer nobody knows whether it came, so the next one says all again.
    """

    def __init__(self) -> None:
        self._id = _NONE
        self._epoch = _BEGINNING
        self._sent = _BEGINNING
        self._told: Mapping[Partition, int] = {}

    def request(self, positions: Mapping[Partition, int], limits: Limits, in_order: InOrder) -> Any:
        """Asks for what is behind these positions, and of no other partition."""
        if self._epoch == _BEGINNING:
            told: Mapping[Partition, int] = {}
            asked = [(partition, positions[partition]) for partition in in_order([*positions])]
        else:
            told = self._told
            asked = [one for one in positions.items() if told.get(one[0]) != one[1]]
        self._sent, self._epoch = self._epoch, _BEGINNING
        self._told = positions
        return kafka_fetch_request.request(
            asked,
            limits,
            place=Place(self._id, self._sent),
            forgotten=told.keys() - positions.keys(),
        )

    def begin_anew(self) -> None:
        """Say all again the next time, in the caller's order."""
        self._epoch = _BEGINNING

    def found(self, answer: Any) -> tuple[int, Sequence[Found]]:
        """The error code of the answer, 0 where only the session is lost, and what came with it."""
        code, session, found = kafka_fetch_request.found(answer)
        if code in SESSION_LOST:
            return 0, found
        if not code and session:
            self._id = session
            self._epoch = self._sent % _LAST_EPOCH + 1
        return code, found
