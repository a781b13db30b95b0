"""The client of the management API: what it asks, what it waits for, what it says."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from tests.voucherify_sync.registration.fake import ID, PROJECT, TOKEN, Voucherify
from voucherify_sync.management import Clocks, Management, ManagementError, Webhook

NOW = 1_800_000_000.0
URL = "https://sync.example.com/webhooks/voucherify"


class Clock:
    """Time that passes in what is slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Pass it."""
        self.slept.append(seconds)

    def clocks(self) -> Clocks:
        """As the client wants it."""
        return Clocks(self.sleep, lambda: NOW + sum(self.slept))


@pytest.fixture
def vendor() -> Voucherify:
    """A Voucherify without webhooks."""
    return Voucherify()


@pytest.fixture
def clock() -> Clock:
    """A clock at NOW."""
    return Clock()


@pytest.fixture
async def management(vendor: Voucherify, clock: Clock) -> AsyncIterator[Management]:
    """The client of that Voucherify."""
    made = client(vendor, clock)
    yield made
    await made.close()


def is_it(webhook: Webhook) -> bool:
    """Whether it is the one that was to be made."""
    return webhook.url == URL


def client(
    vendor: Voucherify, clock: Clock, *, project: str = PROJECT, token: str = TOKEN
) -> Management:
    """A client with this key."""
    transport = httpx.ASGITransport(vendor.app())
    return Management(
        "http://vendor", project, (ID, token), clocks=clock.clocks(), transport=transport
    )


async def test_webhooks_are_created_listed_and_overwritten(
    management: Management,
) -> None:
    """What is told comes back, with the id that Voucherify gave it."""
    made = await management.create(Webhook("", URL, ("voucher.created",), active=True), is_it)
    changed = await management.update(Webhook(made.id, URL, ("voucher.deleted",), active=False))

    assert Webhook("wh_1", URL, ("voucher.created",), active=True) == made
    assert [changed] == await management.webhooks()
    assert (("voucher.deleted",), False) == (changed.events, changed.active)


async def test_headers_that_a_user_gave_are_sent_back(
    vendor: Voucherify, management: Management
) -> None:
    """A PUT that left them out might take them away."""
    id_ = vendor.has(URL)
    vendor.webhooks[id_]["headers"] = {"x-tenant": "a"}
    (found,) = await management.webhooks()
    vendor.webhooks[id_]["headers"] = None

    await management.update(found)

    assert {"x-tenant": "a"} == vendor.webhooks[id_]["headers"]


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        pytest.param({"retry-after": "7"}, 7.0, id="seconds"),
        pytest.param({"retry-after": "Fri, 15 Jan 2027 08:00:09 GMT"}, 9.0, id="a date"),
        pytest.param({"x-rate-limit-retry": str(int(NOW) + 31)}, 31.0, id="epoch seconds"),
        pytest.param({"retry-after": "0"}, 0.0, id="now"),
        pytest.param({"retry-after": "soon"}, 1.0, id="nothing that makes sense"),
        pytest.param({}, 1.0, id="nothing"),
    ],
)
async def test_it_waits_as_long_as_the_vendor_asks(
    vendor: Voucherify,
    management: Management,
    clock: Clock,
    headers: dict[str, str],
    waited: float,
) -> None:
    """Whichever way it says so; where it does not, a second at first."""
    vendor.answers = [Response(status_code=429, headers=headers)]

    assert [] == await management.webhooks()
    assert [waited] == clock.slept


async def test_failures_of_the_vendor_are_tried_again_with_growing_pauses(
    vendor: Voucherify, management: Management, clock: Clock
) -> None:
    """Up to a limit, and then the message says so."""
    vendor.answers = [Response(status_code=503) for _ in range(9)]

    with pytest.raises(ManagementError, match=r"answered 503 \(tried 5 times\); try again later"):
        await management.webhooks()
    assert [1.0, 2.0, 4.0, 8.0] == clock.slept


async def test_a_pause_too_long_for_a_person_is_named_instead(
    vendor: Voucherify, management: Management, clock: Clock
) -> None:
    """A sandbox project has a hundred calls an hour."""
    vendor.answers = [Response(status_code=429, headers={"retry-after": "3000"})]

    with pytest.raises(ManagementError, match="asks to wait 3000 s"):
        await management.webhooks()
    assert [] == clock.slept


async def test_a_creation_without_an_answer_is_not_repeated_blindly(
    vendor: Voucherify, management: Management, clock: Clock
) -> None:
    """It may have worked; there would be two webhooks, and each event twice."""
    vendor.loses_answers = 1

    made = await management.create(Webhook("", URL, (), active=True), is_it)

    assert (["wh_1"], "wh_1") == (list(vendor.webhooks), made.id)
    assert [1.0] == clock.slept


async def test_a_creation_that_failed_is_tried_again_when_the_vendor_asks(
    vendor: Voucherify, management: Management, clock: Clock
) -> None:
    """It waits before it looks and sends again: by then the list has what was made."""
    busy = Response(status_code=503, headers={"retry-after": "20"})
    nothing = JSONResponse({"data": []})
    vendor.answers = [busy, nothing, busy, nothing]

    await management.create(Webhook("", URL, (), active=True), is_it)

    assert ["POST", "GET", "POST", "GET", "POST"] == [one.split()[0] for one in vendor.seen]
    assert [20.0, 20.0] == clock.slept


async def test_a_creation_that_never_works_says_what_to_do(
    vendor: Voucherify, management: Management, clock: Clock
) -> None:
    """With growing pauses, as for any other question."""
    vendor.answers = [Response(status_code=503), JSONResponse({"data": []})] * 5

    with pytest.raises(ManagementError, match=r"answered 503 \(tried 5 times\); try again later"):
        await management.create(Webhook("", URL, (), active=True), is_it)
    assert ([1.0, 2.0, 4.0, 8.0], {}) == (clock.slept, vendor.webhooks)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(
            lambda vendor, clock: client(vendor, clock, token="wrong"),
            "answered 401; Unauthorized; check VOUCHERIFY_SYNC_MANAGEMENT_ID",
            id="key",
        ),
        pytest.param(
            lambda vendor, clock: client(vendor, clock, project="proj_2"),
            "answered 404; Resource not found; there is no such project here",
            id="project",
        ),
    ],
)
async def test_a_refusal_says_the_mend(
    vendor: Voucherify,
    clock: Clock,
    make: Callable[[Voucherify, Clock], Management],
    said: str,
) -> None:
    """At once, and without the key."""
    management = make(vendor, clock)
    with pytest.raises(ManagementError) as caught:
        await management.webhooks()
    await management.close()

    assert said in str(caught.value)
    assert [] == [secret for secret in (ID, TOKEN, "wrong") if secret in str(caught.value)]
    assert [] == clock.slept


async def test_what_is_no_voucherify(vendor: Voucherify, management: Management) -> None:
    """A page of somebody else with a 200: it must not count as a project without webhooks."""
    objects: list[object] = [[], {}, {"data": None}, {"data": ["wh_1"]}]
    vendor.answers = [Response("<html>", media_type="text/html"), *map(JSONResponse, objects)]

    for _ in range(5):
        with pytest.raises(ManagementError, match=r"check that VOUCHERIFY_SYNC_API_URL"):
            await management.webhooks()


@pytest.mark.parametrize("status", [301, 405, 418])
async def test_an_answer_that_voucherify_never_gives(
    vendor: Voucherify, management: Management, status: int
) -> None:
    """Something else stands there, and the message says which setting names it."""
    vendor.answers = [Response(status_code=status)]

    with pytest.raises(ManagementError, match=f"answered {status}; check that VOUCHERIFY_SYNC_API"):
        await management.webhooks()


async def test_a_webhook_that_is_deleted_meanwhile(management: Management) -> None:
    """The project is there all the same."""
    with pytest.raises(ManagementError, match=r"the webhook was deleted meanwhile; run it again"):
        await management.update(Webhook("wh_9", URL, (), active=True))
