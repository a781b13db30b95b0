"""Voucherify's management API, as far as webhooks go: list, create and update them.

Says nothing about what should be registered. What Voucherify asks to wait for is waited for, unless
that is too long for a person who watches; id and token are never part of a message.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

_ATTEMPTS: Final = 5
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 120.0
_SECONDS: Final = 30.0
_SAID: Final = 300

_MENDS: Final = {
    401: "check VOUCHERIFY_SYNC_MANAGEMENT_ID and VOUCHERIFY_SYNC_MANAGEMENT_TOKEN (Voucherify: "
    "Team settings, Management API), and that VOUCHERIFY_SYNC_API_URL is the project's region",
    403: "this management key may not manage webhooks of the project; give it that right",
    404: "there is no such project here; check --project and that --api-url is its region",
    400: "change what it names (--url, --events)",
    422: "change what it names (--url, --events)",
}
_MENDS_OF_PUT: Final = _MENDS | {404: "the webhook was deleted meanwhile; run it again"}
_NOT_VOUCHERIFY: Final = "check that VOUCHERIFY_SYNC_API_URL (--api-url) is Voucherify's API"


class ManagementError(Exception):
    """Voucherify refused, or can't be reached; the message says what to do."""


class RefusedError(ManagementError):
    """Voucherify does not take what was sent (400 or 422); sending it again does not help."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook of a project; `headers` are the extra ones that a user gave it, if told."""

    id: str
    url: str
    events: tuple[str, ...]
    active: bool
    headers: Any = None

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Webhook":
        """The webhook of an answer; what is null there counts as empty."""
        return cls(
            id=str(told.get("id") or ""),
            url=str(told.get("target_url") or ""),
            events=tuple(map(str, told.get("events") or ())),
            active=told.get("active") is not False,
            headers=told.get("headers"),
        )


_Made = Callable[[], Awaitable[Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class Clocks:
    """How time passes; tests give their own. `now` is in seconds since 1970."""

    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    now: Callable[[], float] = time.time


class Management:
    """The webhooks of one project. Close it after use."""

    def __init__(
        self,
        base_url: str,
        project: str,
        key: tuple[str, str],
        *,
        clocks: Clocks | None = None,
        waiting: Callable[[str], None] = lambda _: None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        id_, token = key
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers={"X-Management-Id": id_, "X-Management-Token": token},
            timeout=_SECONDS,
            transport=transport,
        )
        self._path = f"/management/v1/projects/{quote(project, safe='')}/webhooks"
        self._clocks = clocks or Clocks()
        self._waiting = waiting

    async def webhooks(self) -> Sequence[Webhook]:
        """All webhooks of the project. Raises ManagementError."""
        return [Webhook.read(one) for one in await self._listed()]

    async def create(self, webhook: Webhook, is_it: Callable[[Webhook], bool]) -> Webhook:
        """Create it; its id is the vendor's to choose. Raises ManagementError.

        What got no answer may have worked: it is tried again only where none `is_it` by then.
        """

        async def made() -> Mapping[str, Any] | None:
            found = await self._listed()
            return next((one for one in found if is_it(Webhook.read(one))), None)

        return Webhook.read(await self._call("POST", self._path, _body(webhook), made))

    async def update(self, webhook: Webhook) -> Webhook:
        """Overwrite the webhook of this id, its events as a whole. Raises ManagementError."""
        path = f"{self._path}/{quote(webhook.id, safe='')}"
        return Webhook.read(await self._call("PUT", path, _body(webhook)))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _listed(self) -> Sequence[Mapping[str, Any]]:
        told = (await self._call("GET", self._path)).get("data")
        if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
            raise ManagementError(_strange(self._client.base_url.host))
        return told

    async def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        made: _Made | None = None,
    ) -> Mapping[str, Any]:
        """An answer's object, asked for again as long as that is right; or what `made` finds."""
        pause = _FIRST_PAUSE
        for attempt in range(1, _ATTEMPTS + 1):
            answer, problem = await self._ask(method, path, body)
            if answer is not None and answer.is_success:
                return _object(answer)
            if answer is not None and not _may_pass(answer):
                raise self._refusal(answer)
            asked = None if answer is None else self._asked_pause(answer)
            wait = pause if asked is None else asked
            if wait > _LONGEST_PAUSE:
                raise ManagementError(f"{problem}; it asks to wait {wait:.0f} s, so try again then")
            if attempt < _ATTEMPTS:
                self._waiting(f"{problem}; trying again in {wait:.0f} s")
                await self._clocks.sleep(wait)
                pause *= 2
            if made and (answer is None or answer.status_code != 429):
                found = await made()
                if found is not None:
                    return found
        raise ManagementError(f"{problem} (tried {_ATTEMPTS} times); try again later")

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> tuple[httpx.Response | None, str]:
        """The answer, if any, and what is wrong in words if something is."""
        name = f"Voucherify at {self._client.base_url}"
        try:
            answer = await self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            return None, f"{name} can't be reached ({type(error).__name__})"
        return answer, f"{name} answered {answer.status_code}"

    def _asked_pause(self, answer: httpx.Response) -> float | None:
        """How long Voucherify asks to wait, in seconds; None where it does not say."""
        after = answer.headers.get("retry-after", "")
        if after.isdecimal():
            return float(after)
        if after:
            return _until(after, self._clocks.now())
        epoch = answer.headers.get("x-rate-limit-retry", "")
        return max(0.0, int(epoch) - self._clocks.now()) if epoch.isdecimal() else None

    def _refusal(self, answer: httpx.Response) -> ManagementError:
        line = f"Voucherify at {self._client.base_url} answered {answer.status_code}"
        said = _message(answer)
        mends = _MENDS_OF_PUT if answer.request.method == "PUT" else _MENDS
        mend = mends.get(answer.status_code, _NOT_VOUCHERIFY)
        text = "; ".join(part for part in (line, said, mend) if part)
        return (RefusedError if answer.status_code in (400, 422) else ManagementError)(text)


def _body(webhook: Webhook) -> dict[str, Any]:
    body = {"target_url": webhook.url, "events": list(webhook.events), "active": webhook.active}
    return body | ({"headers": webhook.headers} if webhook.headers else {})


def _may_pass(answer: httpx.Response) -> bool:
    return answer.status_code == 429 or answer.status_code >= 500


def _until(date: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - now)
    except ValueError:
        return None


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ManagementError(_strange(answer.url.host))
    return told


def _strange(host: str) -> str:
    return f"{host} does not answer as Voucherify's API does; {_NOT_VOUCHERIFY}"


def _message(answer: httpx.Response) -> str:
    """What Voucherify's error object says, in one short line."""
    try:
        told = answer.json()
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    parts = (told.get(name) for name in ("message", "details", "detail", "title"))
    line = ": ".join(part for part in parts if isinstance(part, str) and part)
    return " ".join(line.split())[:_SAID]
