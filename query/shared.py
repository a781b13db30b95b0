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
            value = self.last = await self._read()
        except BaseException as error:
            problem = _for_followers(error)
            for follower in self._let_go():
                follower.set_exception(problem)
            raise
        for follower in self._let_go():
            follower.set_result(value)
        return value

    def _let_go(self) -> "list[asyncio.Future[T]]":
        """Those who still wait for what is read; who comes from now on is not among them."""
        followers, self._followers = self._followers or [], None
        return [follower for follower in followers if not follower.done()]


def _for_followers(error: BaseException) -> Exception:
    """Who leads may be told to leave; then the others have to ask again."""
    if isinstance(error, Exception):
        return error
    return StateUnavailableError("the read was abandoned")
