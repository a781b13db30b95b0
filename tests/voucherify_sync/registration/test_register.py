"""What is registered, and what it leaves alone."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.voucherify_sync.registration.fake import ID, PROJECT, TOKEN, Voucherify
from voucherify_sync import register, webhook_events
from voucherify_sync.management import Clocks, Management, RefusedError, Webhook

URL = "https://sync.example.com/webhooks/voucherify"
POINTS = "voucher.loyalty_card.points_added"


@pytest.fixture
def vendor() -> Voucherify:
    """A Voucherify without webhooks."""
    return Voucherify()


async def no_time(_: float) -> None:
    """A pause that takes none."""


@pytest.fixture
async def management(vendor: Voucherify) -> AsyncIterator[Management]:
    """The client of that Voucherify."""
    transport = httpx.ASGITransport(vendor.app())
    made = Management(
        "http://vendor", PROJECT, (ID, TOKEN), clocks=Clocks(no_time), transport=transport
    )
    yield made
    await made.close()


async def registered(management: Management, *events: str) -> tuple[Webhook, list[str]]:
    """Register these events (or all); the webhook, and those that were refused."""
    found = await management.webhooks()
    todo = register.plan(found, URL, events or webhook_events.ALL)
    made, refused = await register.carry_out(management, todo)
    return made, list(refused)


async def test_a_new_one_sends_everything(management: Management) -> None:
    """And a second time there is nothing to do."""
    made, refused = await registered(management)

    assert (set(webhook_events.ALL), True, []) == (set(made.events), made.active, refused)
    assert register.plan(await management.webhooks(), URL, webhook_events.ALL).is_done


async def test_events_that_it_has_stay(vendor: Voucherify, management: Management) -> None:
    """Also those that nobody here has heard of."""
    vendor.has(URL, "voucher.created", "something.new")

    made, _ = await registered(management, "voucher.created", "voucher.deleted")

    assert ("voucher.created", "something.new", "voucher.deleted") == made.events


async def test_other_webhooks_are_left_alone(vendor: Voucherify, management: Management) -> None:
    """They are somebody else's."""
    other = vendor.has("https://else.example.com/hooks", "voucher.created", active=False)
    before = dict(vendor.webhooks[other])

    made, _ = await registered(management)

    assert other != made.id
    assert before == vendor.webhooks[other]


async def test_a_disabled_one_is_activated_again(
    vendor: Voucherify, management: Management
) -> None:
    """Voucherify disables a webhook after twelve failures; nothing else changes."""
    vendor.has(URL, *webhook_events.ALL, active=False)
    todo = register.plan(await management.webhooks(), URL, webhook_events.ALL)

    made, _ = await register.carry_out(management, todo)

    assert ["activate wh_1 again: Voucherify or a person has disabled it"] == list(
        register.changes(todo)
    )
    assert (True, webhook_events.ALL) == (made.active, made.events)


async def test_spellings_of_the_vendors_list_count(
    vendor: Voucherify, management: Management
) -> None:
    """What it calls by another name is not asked for twice."""
    vendor.has(URL, "voucher.loyalty_card.points_aded")

    assert register.plan(await management.webhooks(), URL, [POINTS]).is_done


async def test_names_that_it_refuses_are_spelt_as_it_lists_them(
    vendor: Voucherify, management: Management
) -> None:
    """What its list does not have at all is left out, and said."""
    names = webhook_events.as_listed(webhook_events.ALL)
    vendor.listed = frozenset(names)

    made, refused = await registered(management)

    assert (set(names), ["customer.updated"]) == (set(made.events), refused)
    assert "voucher.loyalty_card.points_aded" in made.events


async def test_by_the_vendors_list_a_second_time_there_is_nothing_to_do(
    vendor: Voucherify, management: Management
) -> None:
    """What the list lacks can't be added here: a person is told, each time, to tick it."""
    vendor.listed = frozenset(webhook_events.as_listed(webhook_events.ALL))
    await registered(management)

    again = register.plan(await management.webhooks(), URL, webhook_events.ALL)

    assert (True, ["customer.updated"]) == (again.is_done, again.unlisted)
    told = "warning: wh_1 lacks customer.updated, as the API's list does; tick it in the dashboard"
    assert [told] == list(register.changes(again))


async def test_a_refusal_of_what_the_webhook_has_already(
    vendor: Voucherify, management: Management
) -> None:
    """Ticked in the dashboard and then disabled: the API can't activate it, the dashboard can."""
    vendor.listed = frozenset(webhook_events.as_listed(webhook_events.ALL))
    vendor.has(URL, *webhook_events.as_listed(webhook_events.ALL), "customer.updated", active=False)

    with pytest.raises(RefusedError, match=r"wh_1 has that already, activate it in the dashboard"):
        await registered(management)


async def test_a_refusal_of_anything_else_is_told(
    vendor: Voucherify, management: Management
) -> None:
    """There is no other spelling of this one."""
    vendor.listed = frozenset()

    with pytest.raises(RefusedError, match=r"answered 400.*events: voucher.created"):
        await registered(management, "voucher.created")


async def test_a_creation_whose_answer_is_lost_is_made_once(
    vendor: Voucherify, management: Management
) -> None:
    """It is looked for before it is tried again."""
    vendor.loses_answers = 1

    made, _ = await registered(management)

    assert ["wh_1"] == list(vendor.webhooks)
    assert "wh_1" == made.id


def test_the_same_address_in_other_words() -> None:
    """Port and capitals make no other address."""
    there = Webhook("wh_1", "https://SYNC.example.com:443/webhooks/voucherify", (), active=True)

    assert register.plan([there], URL, []).is_done


async def test_a_slash_at_the_end_is_taken_away(vendor: Voucherify, management: Management) -> None:
    """A receiver answers 404 there, and after twelve of these the webhook is disabled."""
    vendor.has(f"{URL}/", "voucher.created")
    todo = register.plan(await management.webhooks(), URL, ["voucher.created"])

    made, _ = await register.carry_out(management, todo)

    assert [f"wh_1: send to {URL}, not to {URL}/"] == list(register.changes(todo))
    assert (["wh_1"], URL) == (list(vendor.webhooks), made.url)


def test_the_one_at_the_very_address_is_kept() -> None:
    """Beside one with a slash too many, which gets no answer, though it is active."""
    slashed = Webhook("wh_1", f"{URL}/", (), active=True)
    exact = Webhook("wh_2", URL, (), active=False)
    todo = register.plan([slashed, exact], URL, [])

    assert (exact, [slashed]) == (todo.before, todo.twins)


def test_of_twins_the_active_one_is_kept() -> None:
    """The other one is named: each event would come twice."""
    disabled = Webhook("wh_1", URL, (), active=False)
    active = Webhook("wh_2", URL, (), active=True)
    todo = register.plan([disabled, active], URL, [])

    assert (active, [disabled]) == (todo.before, todo.twins)
    assert "wh_1 (disabled) has the same address" in next(register.changes(todo))


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("https://sync.example.com", URL),
        ("https://sync.example.com/", URL),
        ("https://sync.example.com/webhooks/voucherify/", URL),
        ("https://sync.example.com/hooks?a=b", "https://sync.example.com/hooks?a=b"),
        ("https://sync.example.com/hooks/", "https://sync.example.com/hooks/"),
    ],
)
def test_an_address_without_a_path_gets_the_usual_one(given: str, made: str) -> None:
    """Any other is taken as it is."""
    assert made == register.target(given)


@pytest.mark.parametrize(
    "given", ["sync.example.com", "http://sync.example.com", "https://u:p@x.example", "ftp://x"]
)
def test_an_address_that_must_not_be(given: str) -> None:
    """Personal data goes there."""
    with pytest.raises(ValueError, match=r"https|password"):
        register.target(given)
    with pytest.raises(ValueError, match=r"https|password"):
        register.reachable(given)


@pytest.mark.parametrize("host", ["http://127.0.0.1:8080", "https://localhost", "http://[::1]:80"])
def test_an_address_of_this_machine_alone(host: str) -> None:
    """The doctor reaches it, Voucherify does not."""
    assert f"{host}/webhooks/voucherify" == register.reachable(host)
    with pytest.raises(ValueError, match="no address of this machine alone"):
        register.target(host)
