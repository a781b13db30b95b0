"""The doctor's look at Voucherify: does it send a project's webhooks to this address."""

from collections.abc import Iterator, Sequence
from typing import Final

from voucherify_sync import register, register_command, webhook_events
from voucherify_sync.findings import Finding, failure, ok, skipped, warning
from voucherify_sync.management import ManagementError, Webhook
from voucherify_sync.settings import Settings, SettingsError

_SHOWN: Final = 5
_NAME_IT: Final = "name the public one with --url"


async def look(settings: Settings, url: str | None) -> Sequence[Finding]:
    """All findings about the registration of an address."""
    if url is None:
        return [skipped("registration", "no address was given", _NAME_IT)]
    if not register.is_public(url):
        return [skipped("registration", f"Voucherify can't reach {url}", _NAME_IT)]
    try:
        management = register_command.opened(settings)
    except SettingsError as missing:
        return [skipped("registration", str(missing))]
    try:
        found = await management.webhooks()
    except ManagementError as refused:
        return [failure("registration", str(refused), "correct what it names")]
    finally:
        await management.close()
    return list(judge(found, url))


def judge(webhooks: Sequence[Webhook], url: str) -> Iterator[Finding]:
    """What is to be said of the webhooks of a project."""
    mend = f"`voucherify-sync register --url {url}`"
    plan = register.plan(webhooks, url, webhook_events.ALL)
    if plan.before is None:
        yield failure("registration", f"no webhook goes to {url}", mend)
        return
    if not plan.before.active:
        yield failure("registration", f"{plan.before.id} is disabled", mend)
    if plan.before.url != plan.after.url:
        yield failure("registration", f"{plan.before.id} goes to {plan.before.url}", mend)
    if plan.added:
        more = ", ..." if plan.added[_SHOWN:] else ""
        names = ", ".join(plan.added[:_SHOWN]) + more
        yield warning("registration", f"{len(plan.added)} event types are not sent: {names}", mend)
    for event in plan.unlisted:
        yield warning("registration", f"{event} is not sent", "tick it in Voucherify's dashboard")
    for twin in plan.twins:
        says = f"{twin.id} goes to the same address, too"
        yield warning("registration", says, "delete it in Voucherify's dashboard")
    if plan.is_done and not plan.unlisted and not plan.twins:
        yield ok("registration", f"{plan.before.id} is active and sends all event types")
