"""Which webhook there should be, and what has to change for it: pure but for `carry_out`.

A webhook of ours is known by its address. Events are only ever added: Voucherify overwrites the
list, and somebody may have asked for more than we do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from voucherify_sync import webhook_events
from voucherify_sync.management import Management, RefusedError, UncertainError, Webhook

PATH: Final = "/webhooks/voucherify"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is (None: nothing at this address), what it should be, and which others clash."""

    before: Webhook | None
    after: Webhook
    added: Sequence[str]
    twins: Sequence[Webhook] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing has to change."""
        return self.before == self.after


def target(url: str) -> str:
    """The address that Voucherify shall send to. Raises ValueError with what is wrong."""
    found = urlsplit(url)
    if found.scheme not in ("https", "http") or not found.hostname:
        raise ValueError("is the https:// address at which Voucherify reaches the receiver")
    if found.username or found.password or found.fragment:
        raise ValueError("has no user, password or fragment: it is shown in many places")
    if found.scheme == "http" and found.hostname not in _LOOPBACK:
        raise ValueError("is https: webhooks hold personal data")
    if found.path in ("", "/"):
        found = found._replace(path=PATH)
    return found.geturl()


def plan(webhooks: Sequence[Webhook], url: str, wanted: Sequence[str]) -> Plan:
    """What has to change so that these events are sent to the address."""
    same = [one for one in webhooks if _same(one.url, url)]
    if not same:
        new = Webhook("", url, tuple(webhook_events.missing(wanted, ())), active=True)
        return Plan(None, new, new.events)
    before = next((one for one in same if one.active), same[0])
    added = webhook_events.missing(wanted, before.events)
    after = replace(before, events=(*before.events, *added), active=True)
    return Plan(before, after, added, [one for one in same if one is not before])


def changes(plan: Plan) -> Iterator[str]:
    """The plan in words, a line each."""
    name = plan.before.id if plan.before else "a webhook"
    if plan.before is None:
        yield f"create {name} to {plan.after.url}"
    elif not plan.before.active:
        yield f"activate {name} again: Voucherify or a person has disabled it"
    yield from (f"{name}: add {event}" for event in plan.added)
    for twin in plan.twins:
        state = "active" if twin.active else "disabled"
        yield f"warning: {twin.id} ({state}) has the same address; delete it in the dashboard"


async def carry_out(management: Management, todo: Plan) -> tuple[Webhook, Sequence[str]]:
    """Make the change; the webhook as it is now, and the events that were refused.

    Where Voucherify does not know a name, the names of its own list are tried. Raises
    ManagementError.
    """
    try:
        return await _write(management, todo), ()
    except RefusedError:
        added = webhook_events.as_listed(todo.added)
        if list(added) == list(todo.added):
            raise
    held = todo.before.events if todo.before else ()
    listed = replace(todo, after=replace(todo.after, events=(*held, *added)))
    return await _write(management, listed), webhook_events.left_out(todo.added)


async def _write(management: Management, todo: Plan) -> Webhook:
    """A creation without an answer may have worked: it is looked for before it is tried again."""
    if todo.before is not None:
        return await management.update(todo.after)
    for attempt in range(_ATTEMPTS):
        try:
            return await management.create(todo.after)
        except UncertainError:
            if attempt == _ATTEMPTS - 1:
                raise
            there = [one for one in await management.webhooks() if _same(one.url, todo.after.url)]
            if there:
                return there[0]
    raise AssertionError("unreachable")


def _same(one: str, other: str) -> bool:
    return _normal(one) == _normal(other)


def _normal(url: str) -> tuple[str, str, int | None, str, str]:
    """What makes two spellings of an address the same."""
    try:
        found = urlsplit(url.strip())
        port = found.port or {"https": 443, "http": 80}.get(found.scheme)
    except ValueError:
        return ("", url, None, "", "")
    return (found.scheme, found.hostname or "", port, found.path.rstrip("/"), found.query)
