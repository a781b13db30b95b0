"""The doctor's test delivery: signed, through the public address, out of the query API.

It tells of a customer that nobody is, waits until the query API knows them, and tells that they are
deleted: nothing is left that an answer shows. Other readers of the topics see two events with an
id that says whose they are. Where no project is known it tells of nothing, and waits for as-of.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from receiver import signature
from schemas import jsontext, moment
from voucherify_sync import doctor_outside, register
from voucherify_sync.clock import now_ms
from voucherify_sync.findings import Finding, Level, exit_code, failure, ok, skipped, warning

ID: Final = "voucherify_sync_doctor"
_SECONDS: Final = 10.0
_VENDOR_WAITS: Final = 10.0
_CLOCKS_APART: Final = 5.0
_LOOK_SECONDS: Final = 0.05
_EPOCH: Final = "1970-01-01T00:00:00.000Z"

_MENDS: Final = {
    401: "the receiver there has another secret: compare the settings",
    403: "it lets this address not in (VOUCHERIFY_SYNC_ALLOWED_SOURCES): look from elsewhere",
    404: "the path is another: /webhooks/voucherify, as far as no proxy changes it",
    502: "the proxy does not reach the receiver",
    503: "the receiver does not reach its log: look at /healthz/ready there",
}


@dataclass(frozen=True, slots=True)
class Out:
    """The query API; `headers` are those of its key."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 30.0

    def customer(self, id_: str) -> str:
        """Where it answers about a customer."""
        return f"{self.url.rstrip('/')}/v1/customers/{id_}"


@dataclass(frozen=True, slots=True)
class Way:
    """Where a delivery goes in and comes out; without `out` nobody looks whether it does.

    A `project` is one that the state knows: telling of another would make one.
    """

    url: str
    secret: bytes
    out: Out | None = None
    project: str | None = None


async def look(way: Way) -> AsyncIterator[Finding]:
    """Send the delivery, and watch for it."""
    customer = f"cust_{ID}_{secrets.token_hex(8)}"
    async with httpx.AsyncClient(timeout=_SECONDS) as client:
        found = await _deliver(client, way, customer, "customer.created")
        for finding in found:
            yield finding
        if exit_code(found):
            return
        if register.is_public(way.url):
            async for finding in doctor_outside.look(client, way.url):
                yield finding
        if way.out is None:
            yield skipped("query API", "it is elsewhere", "name it with --query-url")
            return
        if way.project is None:
            yield await _watch_as_of(client, way.out)
            return
        yield await _watch(client, way.out, customer)
        for finding in await _deliver(client, way, customer, "customer.deleted"):
            if finding.level is Level.FAILURE:
                yield replace(finding, says=f"{customer} was left behind: {finding.says}")


async def _deliver(
    client: httpx.AsyncClient, way: Way, customer: str, event_type: str
) -> list[Finding]:
    """What was seen of the way in; a failure where it was not accepted."""
    body = _body(way, customer, event_type)
    headers = {
        signature.HEADER: signature.sign(way.secret, body),
        b"content-type": b"application/json",
    }
    begun = time.monotonic()
    try:
        answer = await client.post(way.url, content=body, headers=headers)
    except httpx.HTTPError as error:
        problem = str(error) or type(error).__name__
        mend = "check name, certificate and firewall: Voucherify comes from the Internet"
        return [failure("delivery", f"{way.url} can't be reached ({problem})", mend)]
    seconds = time.monotonic() - begun
    if not answer.is_success:
        says = f"{way.url} answered {answer.status_code}"
        mend = _MENDS.get(answer.status_code, "look at what answers there: is it the receiver?")
        return [failure("delivery", says, mend)]
    if answer.status_code != 202:
        says = f"{way.url} answered {answer.status_code}, as no receiver of ours does"
        return [failure("delivery", says, "is the address another program's?")]
    return [_slow_or_not(seconds), *_clock(answer)]


def _slow_or_not(seconds: float) -> Finding:
    says = f"accepted after {seconds:.2f} s"
    if seconds > _VENDOR_WAITS / 2:
        return warning("delivery", says, "Voucherify waits 10 s: look at the log and the proxy")
    return ok("delivery", says)


def _clock(answer: httpx.Response) -> tuple[Finding, ...]:
    """The clock of what answered, where it says so: to the second."""
    try:
        apart = time.time() - parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return ()
    if abs(apart) < _CLOCKS_APART:
        return ()
    return (warning("clock", f"{apart:+.0f} s from {answer.url.host}'s", "run a time service"),)


async def _watch(client: httpx.AsyncClient, out: Out, customer: str) -> Finding:
    """Wait until the query API knows the customer."""
    begun = time.monotonic()
    problem = "it does not know what was delivered"
    while time.monotonic() - begun < out.seconds:
        try:
            answer = await client.get(out.customer(customer), headers=dict(out.headers))
        except httpx.HTTPError as error:
            problem = f"it can't be reached ({str(error) or type(error).__name__})"
        else:
            if answer.status_code == 200:
                return ok("query API", f"knows it {time.monotonic() - begun:.2f} s later")
            if answer.status_code != 404:
                return _query_refused(out, answer)
        await asyncio.sleep(_LOOK_SECONDS)
    return failure("query API", f"{out.url}: {problem} ({out.seconds:.0f} s)", _NOT_OUT)


_NOT_OUT: Final = "do the handlers run, and are receiver, handlers and query on one log and state?"


async def _watch_as_of(client: httpx.AsyncClient, out: Out) -> Finding:
    """Wait until the query API says that it is complete up to now, by its own clock."""
    begun, first = time.monotonic(), None
    while time.monotonic() - begun < out.seconds:
        try:
            answer = await client.get(out.customer(ID), headers=dict(out.headers))
        except httpx.HTTPError as error:
            problem = str(error) or type(error).__name__
            says = f"{out.url} can't be reached ({problem})"
            return failure("query API", says, "name it with --query-url")
        if answer.status_code in (401, 403):
            return _query_refused(out, answer)
        told = moment.parse(answer.headers.get("voucherify-sync-as-of", _EPOCH))
        first = first or max(told or 0, now_ms())
        if told is not None and told > first:
            return ok("query API", f"complete {time.monotonic() - begun:.2f} s later")
        await asyncio.sleep(_LOOK_SECONDS)
    says = f"{out.url} says nothing newer for {out.seconds:.0f} s"
    return failure("query API", says, _NOT_OUT)


def _query_refused(out: Out, answer: httpx.Response) -> Finding:
    mend = "look at what answers there; --query-url names the query API"
    if answer.status_code in (401, 403):
        mend = "set VOUCHERIFY_SYNC_API_KEYS to a key of the query API there"
    return failure("query API", f"{out.url} answered {answer.status_code}", mend)


def _body(way: Way, customer: str, event_type: str) -> bytes:
    """A webhook as Voucherify sends it. Without a project its type is one that tells nothing."""
    now = moment.to_text(now_ms())
    type_ = event_type if way.project else f"{ID}.tried"
    data: dict[str, Any] = {}
    if way.project:
        data = {"customer": {"id": customer, "object": "customer", "created_at": now}}
    return jsontext.encode(
        {
            "id": f"whs_{ID}",
            "project_id": way.project or f"proj_{ID}",
            "created_at": now,
            "type": type_,
            "data": data,
            "source": {"object": "webhook", "id": f"wh_{ID}", "target_url": way.url},
            "event": {
                "id": f"ev_{ID}_{secrets.token_hex(8)}",
                "type": type_,
                "created_at": now,
                "entity_id": customer,
                "group_id": None,
                "event_source": {"channel": "INTERNAL"},
            },
        }
    )


def not_asked() -> Finding:
    """Where no address was given."""
    return skipped("delivery", "no address was given", "name the public one with --url")
