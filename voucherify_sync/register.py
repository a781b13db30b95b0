"""Which webhook there should be, and what has to change for it: pure but for `carry_out`.

A webhook of ours is known by its address. Events are only ever added: Voucherify overwrites the
list, and somebody may have asked for more than we do.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from receiver.routes import PATH
from voucherify_sync import webhook_events
from voucherify_sync.management import Management, RefusedError, Webhook


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is (None: nothing at this address), what it should be, and which others clash.

    `unlisted` are events that the API takes for no webhook that is there: a person ticks them.
    """

    before: Webhook | None
    after: Webhook
    added: Sequence[str]
    unlisted: Sequence[str] = ()
    twins: Sequence[Webhook] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing has to change."""
        return self.before == self.after


def target(url: str) -> str:
    """The address that Voucherify shall send to. Raises ValueError with what is wrong."""
    if not is_public(found := reachable(url)):
        raise ValueError("is one that Voucherify reaches, and no address of this machine alone")
    return found


def reachable(url: str) -> str:
    """As `target`, for who may also be on the receiver's machine."""
    found = urlsplit(url)
    if found.scheme not in ("https", "http") or not found.hostname:
        raise ValueError("is the https:// address at which Voucherify reaches the receiver")
    if found.username or found.password or found.fragment:
        raise ValueError("has no user, password or fragment: it is shown in many places")
    if found.scheme == "http" and is_public(url):
        raise ValueError("is https: webhooks hold personal data")
    if found.path.rstrip("/") in ("", PATH):  # with a slash at the end no receiver answers
        found = found._replace(path=PATH)
    return found.geturl()


def is_public(url: str) -> bool:
    """Whether an address is more than this machine's own."""
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def plan(webhooks: Sequence[Webhook], url: str, wanted: Sequence[str]) -> Plan:
    """What has to change so that these events are sent to the address."""
    close = [one for one in webhooks if _same_but_for_a_slash(one.url, url)]
    if not close:
        new = Webhook("", url, tuple(webhook_events.missing(wanted, ())), active=True)
        return Plan(None, new, new.events)
    before = max(close, key=lambda one: (_same(one.url, url), one.active))
    missing = webhook_events.missing(wanted, before.events)
    unlisted = webhook_events.left_out(missing)
    added = [one for one in missing if one not in unlisted]
    at = before.url if _same(before.url, url) else url
    after = replace(before, url=at, events=(*before.events, *added), active=True)
    return Plan(before, after, added, unlisted, [one for one in close if one is not before])


def changes(plan: Plan) -> Iterator[str]:
    """The plan in words, a line each."""
    name = plan.before.id if plan.before else "a webhook"
    if plan.before is None:
        yield f"create {name} to {plan.after.url}"
    elif not plan.before.active:
        yield f"activate {name} again: Voucherify or a person has disabled it"
    if plan.before and plan.before.url != plan.after.url:
        yield f"{name}: send to {plan.after.url}, not to {plan.before.url}"
    yield from (f"{name}: add {event}" for event in plan.added)
    for event in plan.unlisted:
        yield f"warning: {name} lacks {event}, as the API's list does; tick it in the dashboard"
    for twin in plan.twins:
        state = "active" if twin.active else "disabled"
        yield f"warning: {twin.id} ({state}) has the same address; delete it in the dashboard"


async def carry_out(management: Management, todo: Plan) -> tuple[Webhook, Sequence[str]]:
    """Make the change; the webhook as it is now, and the events that were refused.

    Where Voucherify does not know a name, the names of its own list are tried. Raises
    ManagementError.
    """
    try:
        return await _write(management, todo, todo.after.events), ()
    except RefusedError as refused:
        held = todo.before.events if todo.before else ()
        listed = (*held, *webhook_events.as_listed(todo.added))
        if listed == todo.after.events:
            raise _with_the_dashboard(refused, todo) from None
    try:
        made = await _write(management, todo, listed)
    except RefusedError as refused:
        raise _with_the_dashboard(refused, todo) from None
    return made, webhook_events.left_out(todo.added)


async def _write(management: Management, todo: Plan, events: tuple[str, ...]) -> Webhook:
    wanted = replace(todo.after, events=events)
    if todo.before is not None:
        return await management.update(wanted)
    return await management.create(wanted, lambda one: _same(one.url, wanted.url))


def _with_the_dashboard(refused: RefusedError, todo: Plan) -> RefusedError:
    """What a webhook has from the dashboard goes along with each change, and may be refused."""
    if todo.before is None:
        return refused
    does = "activate it" if not todo.before.active else "make this change"
    return RefusedError(
        f"{refused}; where {todo.before.id} has that already, {does} in the dashboard"
    )


def _same(one: str, other: str) -> bool:
    return _normal(one) == _normal(other)


def _same_but_for_a_slash(one: str, other: str) -> bool:
    """A receiver answers 404 at the other one, so they are one webhook with a misspelt address."""
    return _same(_without_slash(one), _without_slash(other))


def _without_slash(url: str) -> str:
    path, mark, query = url.strip().partition("?")
    return path.rstrip("/") + mark + query


def _normal(url: str) -> tuple[str, str, int | None, str, str]:
    """What makes two spellings of an address the same."""
    try:
        found = urlsplit(url.strip())
        port = found.port or {"https": 443, "http": 80}.get(found.scheme)
    except ValueError:
        return ("", url, None, "", "")
    return (found.scheme, found.hostname or "", port, found.path, found.query)
