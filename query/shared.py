"""One read for all who want the same at the same moment.

Who comes while a read is under way takes its result: a thousand readers are not a thousand
statements. A result is never older than the one that was given out before.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from state.store import StateUnavailableError

T = TypeVar("T")


class Shared(Generic[T]):
    """A read of the state that takes no arguments; `last` is what it gave most recently."""

    def __init__(self, read: Callable[[], Awaitable[T]]) -> None:
        self._read = read
        self._followers: list[asyncio.Future[T]] | None = None
        self.last: T | None = None

    async def get(self) -> T:
        """What the state says now. Raises what the read raises."""
        if self._followers is None:
            return await self._lead()
        follower: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._followers.append(follower)
        return await follower

    async def _lead(self) -> T:
        self._followers = []
        try:
            value = await self._read()
        except BaseException as error:
            self._tell(lambda follower: follower.set_exception(_for_followers(error)))
            raise
        self.last = value
        self._tell(lambda follower: follower.set_result(value))
        return value

    def _tell(self, how: Callable[["asyncio.Future[T]"], None]) -> None:
        followers, self._followers = self._followers or (), None
        for follower in followers:
            if not follower.done():
                how(follower)


def _for_followers(error: BaseException) -> Exception:
    """Who leads may be told to leave; then the others have to ask again."""
    if isinstance(error, Exception):
        return error
    return StateUnavailableError("the read was abandoned")
