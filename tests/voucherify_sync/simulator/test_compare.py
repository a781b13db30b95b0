"""Comparing finds nothing where all is right, and every kind of thing that is wrong."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.voucherify_sync.simulator.pretend_api import PretendApi
from tests.voucherify_sync.simulator.serving import serving
from tests.voucherify_sync.simulator.telling import simulated
from voucherify_sync.simulator.compare import MORE_THINGS, THINGS, Comparison, compare
from voucherify_sync.simulator.likeness import Difference, same

Json = dict[str, Any]


async def compared(spoil: Callable[[Json], None], *things: str) -> Comparison:
    """A comparison with an API whose state a test has spoiled."""
    truth = simulated(6, 1_200, 25).truth
    api = PretendApi(truth)
    spoil(api.truth)
    async with serving(*api.routes()) as url:
        return await compare(truth, url, things=things or THINGS)


async def test_nothing_is_found_where_all_is_right() -> None:
    """Every kind of thing is asked for, over all pages, under the project's key."""
    truth = simulated(6, 1_200, 25).truth
    (project,) = truth["projects"]
    api = PretendApi(truth)
    progress: list[tuple[int, int]] = []
    async with serving(*api.routes()) as url:
        comparison = await compare(
            truth,
            url,
            keys={project: ("an-app", "a-token")},
            things=(*THINGS, *MORE_THINGS),
            progress=lambda done, total: progress.append((done, total)),
        )
    assert [] == comparison.differences
    assert {"an-app"} == api.app_ids
    assert comparison.requests == api.asked > 300
    assert progress[-1][0] == progress[-1][1] == sum(comparison.checked.values())
    assert {*THINGS, *MORE_THINGS} == comparison.checked.keys()


def first(things: Json, fits: Callable[[Json], Any] = lambda _: True) -> Json:
    """The first thing that is there and fits."""
    return next(one for one in things.values() if not one.get("deleted") and fits(one))


def _balance(truth: Json) -> None:
    first(truth["cards"])["balance"] += 1


def _metadata(truth: Json) -> None:
    first(truth["cards"])["metadata"] = {"visits": True}


def _comes_back(truth: Json) -> None:
    card = next(one for one in truth["cards"].values() if one["deleted"])
    card.update(first(truth["cards"]), deleted=False, code=card["code"])


def _is_lost(truth: Json) -> None:
    first(truth["cards"]).update(deleted=True)


def _entry_lost(truth: Json) -> None:
    next(one for one in truth["ledgers"].values() if one).pop()


def _entries_swapped(truth: Json) -> None:
    entries = next(one for one in truth["ledgers"].values() if len(one) > 4)
    entries[1], entries[2] = entries[2], entries[1]


def _entry_changed(truth: Json) -> None:
    next(one for one in truth["ledgers"].values() if one)[0]["balance"] += 1


def _pending_stays(truth: Json) -> None:
    next(iter(truth["pending_points"].values()))["lopp_1"] = {"points": 1}


def _pending_changed(truth: Json) -> None:
    waiting = next(one for one in truth["pending_points"].values() if one)
    next(iter(waiting.values()))["activates_at"] = "2020-01-01"


def _tier_kept(truth: Json) -> None:
    for one in truth["tiers"]:
        one["tier_id"] = None


def _publication_lost(truth: Json) -> None:
    truth["publications"].popitem()


def _publication_changed(truth: Json) -> None:
    first(truth["publications"])["vouchers_id"].append("v_1")


def _name(truth: Json) -> None:
    first(truth["customers"])["told"]["name"] = "Somebody else"


def _status(truth: Json) -> None:
    first(truth["redemptions"])["status"] = "UNHEARD_OF"


@pytest.mark.parametrize(
    ("spoil", "thing", "field"),
    [
        (_balance, "cards", "balance"),
        (_metadata, "cards", "metadata"),
        (_comes_back, "cards", "status of the answer"),
        (_is_lost, "tiers", "status of the answer"),
        (_entry_lost, "ledgers", "entries (missing, unexpected)"),
        (_entries_swapped, "ledgers", "order along the chain"),
        (_entry_changed, "ledgers", "balance"),
        (_pending_stays, "pending_points", "ids (missing, unexpected)"),
        (_pending_changed, "pending_points", "activates_at"),
        (_tier_kept, "tiers", "ids (missing, unexpected)"),
        (_publication_lost, "publications", "ids (missing, unexpected)"),
        (_publication_changed, "publications", "vouchers_id"),
        (_name, "customers", "name"),
        (_status, "redemptions", "status"),
    ],
)
async def test_what_is_wrong_is_found_and_named(
    spoil: Callable[[Json], None], thing: str, field: str
) -> None:
    """One difference at least, with the field that it is in."""
    comparison = await compared(spoil, thing)
    assert field in {difference.field for difference in comparison.differences}


async def test_a_redemption_may_say_that_it_was_rolled_back() -> None:
    """Some readers tell the status as it was, some as it is by now."""

    def roll_back(truth: Json) -> None:
        for one in truth["redemptions"].values():
            if one.get("rolled_back_by"):
                one["status"] = "ROLLED_BACK"

    assert [] == (await compared(roll_back, "redemptions")).differences


async def test_no_answer_is_a_difference() -> None:
    """Neither a refused connection nor nonsense passes for an empty state."""

    async def nonsense(_: Request) -> Response:
        return PlainTextResponse("not JSON")

    truth = simulated(6, 1_200, 25).truth
    refused = await compare(truth, "http://127.0.0.1:9", things=("tiers",))
    assert {"no answer (ConnectError)"} == {one.found for one in refused.differences}
    async with serving(Route("/{path:path}", nonsense)) as url:
        comparison = await compare(truth, url, things=("cards",))
    assert len(comparison.differences) >= len(simulated(6, 1_200, 25).truth)


@pytest.mark.parametrize(
    ("expected", "found", "alike"),
    [
        ("2026-03-02T07:30:00.345Z", "2026-03-02T07:30:00.345999Z", True),
        ("2026-03-02T07:30:00.345Z", "2026-03-02T07:30:00.346Z", False),
        ("2026-03-02Tnonsense-Z", "2026-03-02Tnonsense+Z", False),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [1], False),
        (1, True, False),
        (1, 1.0, True),
        (12345678901234567890, 12345678901234567890.0, False),
        ("\ud83d", "\ud83d", True),
        (None, 0, False),
    ],
)
def test_what_counts_as_the_same(expected: Any, found: Any, alike: bool) -> None:
    """Moments by their millisecond, everything else by its value."""
    assert alike == same(expected, found)


def test_a_difference_reads_well_whatever_it_is_about() -> None:
    """In ASCII, so that any terminal and any log can write it."""
    difference = Difference("card v_1", "metadata", {"odd": "\ud83d"}, None)
    assert "card v_1: metadata should be {'odd': '\\ud83d'}, is None" == str(difference)
