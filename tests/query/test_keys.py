"""Keys let in who has one, to the project they are bound to, and tell nothing of the others."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from query.errors import ApiError
from query.keys import ANYONE, ApiKey, FollowedKeys, KeyRing, parse
from state.reader import Standing
from tests.factories import PROJECT, card, webhook
from tests.query.world import World, client

BOUND = ApiKey("app-1", "token-1", PROJECT)
OTHER = ApiKey("app-2", "token-2", "proj_other")
EMPTY = ApiKey("app-3", "token-3", "proj_empty")
FREE = ApiKey("app-4", "tökén:4")
CARD = "/v1/vouchers/CODE-1"
LIST = "/v1/vouchers"


def headers(key: ApiKey) -> dict[str, bytes]:
    """The headers of a caller with a key."""
    return {"X-App-Id": key.app_id.encode(), "X-App-Token": key.token.encode()}


def sent(given: Mapping[str, bytes]) -> dict[bytes, bytes]:
    """Headers as a server hands them on."""
    return {name.lower().encode(): value for name, value in given.items()}


async def ask(
    world: World, path: str, keys: list[ApiKey], given: Mapping[str, bytes] | None = None
) -> httpx.Response:
    """The answer to a caller with these headers, where these keys are accepted."""
    async with client(world.reader, *keys) as asking:
        return await asking.get(path, headers=sent(given or {}))


@pytest.mark.parametrize("key", [BOUND, OTHER, FREE])
def test_a_known_pair_is_let_in(key: ApiKey) -> None:
    """Whichever of the keys it is."""
    assert key == KeyRing([BOUND, OTHER, FREE]).holder(sent(headers(key)))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"X-App-Id": b"app-1"},
        {"X-App-Token": b"token-1"},
        {"X-App-Id": b"app-1", "X-App-Token": b""},
        {"X-App-Id": b"app-1", "X-App-Token": b"token-2"},
        {"X-App-Id": b"app-2", "X-App-Token": b"token-1"},
        {"X-App-Id": b"app-1:token", "X-App-Token": b"-1"},
        {"X-App-Id": b"app-1", "X-App-Token": b"token-1 "},
        {"X-App-Id": b"\xff", "X-App-Token": b"\xfe"},
    ],
)
async def test_any_other_pair_is_refused(world: World, given: dict[str, bytes]) -> None:
    """In the vendor's words, for things, lists and paths that are none."""
    with pytest.raises(ApiError):
        KeyRing([BOUND, OTHER, FREE]).holder(sent(given))
    for path in (CARD, LIST, "/v1/nothing", "/v1/rewards"):
        answer = await ask(world, path, [BOUND, OTHER], given)
        assert 401 == answer.status_code
        assert "unauthorized" == answer.json()["key"]
        assert "voucherify-sync-as-of" in answer.headers


def test_without_keys_anyone_is_let_in() -> None:
    """Whatever they send."""
    assert ANYONE == KeyRing([]).holder({b"x-app-id": b"whoever"})


def test_a_token_is_not_shown() -> None:
    """Neither in a log nor in an error."""
    assert "token-1" not in repr(BOUND)


def test_keys_are_read_off_lines() -> None:
    """With a project or without; a token may hold anything but a colon and what separates them."""
    assert (ApiKey("a", "b"), ApiKey("a", "c=/+", "proj")) == parse(["a:b", "a:c=/+:proj"])


def test_keys_are_followed() -> None:
    """What comes is let in, what goes is not; what makes no sense leaves the keys that hold."""
    lines = [(b"app:old",), (b"app:old", b"app:new"), (b"app:new:proj",), (b"app",), (b"\xff",)]
    followed = FollowedKeys(lambda: lines[0])
    ring = KeyRing(followed)
    old, new = ({b"x-app-id": b"app", b"x-app-token": one} for one in (b"old", b"new"))

    assert ApiKey("app", "old") == ring.holder(old)
    with pytest.raises(ApiError):
        ring.holder(new)

    lines.pop(0)
    assert (ApiKey("app", "old"), ApiKey("app", "new")) == (ring.holder(old), ring.holder(new))

    lines.pop(0)
    assert ApiKey("app", "new", "proj") == ring.holder(new)
    with pytest.raises(ApiError):
        ring.holder(old)

    for _ in range(2):
        lines.pop(0)
        with capture_logs() as logs:
            assert ApiKey("app", "new", "proj") == ring.holder(new)
            assert ApiKey("app", "new", "proj") == ring.holder(new)
        assert ["api_keys_kept"] == [line["event"] for line in logs]


def test_keys_that_make_no_sense_at_the_start() -> None:
    """They are refused with what is wrong, and not quoted."""
    with pytest.raises(ValueError, match=r"^is not text in UTF-8$"):
        FollowedKeys(lambda: (b"app:\xff",))


async def test_who_is_let_in_by_no_key_costs_the_state_no_read(world: World) -> None:
    """A flood of wrong keys is no load; as of when it is, is what was seen last."""
    reads = 0
    read = world.reader.standing

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.reader, name)

        async def standing(self) -> Standing:
            nonlocal reads
            reads += 1
            return await read()

    reader: Any = Counting()
    async with client(reader, BOUND) as asking:
        answers = [await asking.get(LIST) for _ in range(9)]

    assert {401} == {answer.status_code for answer in answers}
    assert all("voucherify-sync-as-of" in answer.headers for answer in answers)
    assert 1 == reads


async def test_a_bound_key_can_not_tell_that_there_are_others(world: World) -> None:
    """Neither by what is missing elsewhere, nor by the version of its own empty list."""
    keys = [BOUND, EMPTY]
    before = await ask(world, LIST, keys, headers(EMPTY))

    await world.tell(webhook("voucher.created", {"voucher": card(1)}))

    after = await ask(world, LIST, keys, headers(EMPTY))
    assert before.content == after.content
    ignored = ("x-request-id",)
    assert [(k, v) for k, v in before.headers.items() if k not in ignored] == [
        (k, v) for k, v in after.headers.items() if k not in ignored
    ]


async def test_a_bound_key_sees_its_project_only(world: World) -> None:
    """The same code in two projects is two cards; in a third there is none."""
    await world.tell(
        webhook("voucher.created", {"voucher": card(1)}),
        webhook("voucher.created", {"voucher": card(2)}, project="proj_other"),
    )
    keys = [BOUND, OTHER, EMPTY, FREE]

    balances = [
        (await ask(world, CARD, keys, headers(key))).json()["loyalty_card"]["balance"]
        for key in (BOUND, OTHER)
    ]

    assert [1, 2] == balances
    assert 1 == (await ask(world, LIST, keys, headers(BOUND))).json()["total"]
    for path in (CARD, "/v1/loyalties/members/CODE-1"):
        answer = await ask(world, path, keys, headers(EMPTY))
        assert 404 == answer.status_code
        assert "proj_other" not in answer.text
    assert 0 == (await ask(world, LIST, keys, headers(EMPTY))).json()["total"]


@pytest.mark.parametrize(("keys", "given"), [([FREE], headers(FREE)), ([], {})])
async def test_who_is_bound_to_none_sees_the_one_project_there_is(
    world: World, keys: list[ApiKey], given: dict[str, bytes]
) -> None:
    """Nothing where there is none yet, and a question back where there are several."""
    assert 404 == (await ask(world, CARD, keys, given)).status_code
    assert 0 == (await ask(world, LIST, keys, given)).json()["total"]

    await world.tell(webhook("voucher.created", {"voucher": card(1)}))
    assert 200 == (await ask(world, CARD, keys, given)).status_code

    await world.tell(webhook("voucher.created", {"voucher": card(2)}, project="proj_other"))
    for path in (CARD, LIST, "/v1/vouchers/unheard-of"):
        answer = await ask(world, path, keys, given)
        assert 400 == answer.status_code
        assert {PROJECT, "proj_other"} <= set(answer.json()["message"].replace(",", "").split())
