"""The demo's screen fits a screen, and shows a member worth showing."""

import io
from collections import Counter
from typing import Any

import pytest
from rich.console import Console

from tests.voucherify_sync.simulator.pretend_api import PretendApi
from tests.voucherify_sync.simulator.serving import serving
from tests.voucherify_sync.simulator.telling import project, simulated
from voucherify_sync.simulator.api import Api
from voucherify_sync.simulator.compare import Comparison
from voucherify_sync.simulator.likeness import Difference
from voucherify_sync.simulator.moments import DAY, parse
from voucherify_sync.simulator.polling import PollingCost, polling_cost
from voucherify_sync.simulator.portrait import Portrait, interesting_card, portrait
from voucherify_sync.simulator.screen import WIDTH, Findings, screen
from voucherify_sync.simulator.sender import Counts

CHECKED = dict.fromkeys(("cards", "ledgers", "pending_points", "tiers"), 120) | {
    "publications": 110,
    "customers": 230,
    "redemptions": 90,
}


def findings(**more: Any) -> Findings:
    """What a demo may have found."""
    values: dict[str, Any] = {
        "counts": Counts(total=2_500, accepted=2_500, latencies=[0.004] * 9, began=1.0, ended=7.0),
        "families": Counter({f"family-{number}": 10 * number for number in range(1, 12)}),
        "visible": [0.01, 0.02] * 130,
        "caught_up": 0.2,
        "cost": PollingCost(58.0, 120, 7_000_000, 116_000, 500),
        "comparison": Comparison([], CHECKED, 940),
        "entries": 320,
        "member": None,
    }
    return Findings(**(values | more))


def shown(found: Findings, width: int = WIDTH) -> str:
    """The screen as text."""
    text = io.StringIO()
    Console(file=text, width=width, color_system=None).print(screen(found))
    return text.getvalue()


def _entry(number: int, points: int, at: str) -> dict[str, Any]:
    balance = {"points": points, "balance": 100 + number}
    return {"type": "POINTS_ACCRUAL", "created_at": at, "details": {"balance": balance}}


MEMBER = Portrait(
    customer={"name": "Member 1 [bold]Örs[/bold]"},
    card={"code": "C1", "campaign": "Club", "loyalty_card": {"points": 1_200, "balance": 900}},
    ledger=[
        *(_entry(number, 5, f"2026-03-0{number}T00:00:00.000Z") for number in range(1, 9)),
        *(_entry(number, -5, "2026-03-10T00:00:00.000000Z") for number in range(6)),
    ],
    pending=[{"points": 30}, {"points": 4}],
    tier="Wave",
)


@pytest.mark.parametrize("width", [80, WIDTH])
def test_the_screen_fits_one_screen(width: int) -> None:
    """Fewer than 50 lines, none wider than the screen, and nothing cut off."""
    text = shown(findings(member=MEMBER), width)
    lines = text.splitlines()
    assert len(lines) < 50
    assert all(len(line) <= width for line in lines)
    assert all(word in text for word in ("balance", "all applied", "after the last", "family-11"))
    assert "…" not in text.replace("… 2 earlier entries", "")


def test_the_screen_shows_a_member_as_told() -> None:
    """Names are shown as they are, entries of one millisecond together, older ones counted."""
    text = shown(findings(member=MEMBER))
    assert "Member 1 [bold]Örs[/bold]" in text
    assert "balance 900 · ever 1,200 · pending 34 · tier Wave" in text
    assert 5 == text.count("in the same millisecond")
    assert "2 earlier entries" in text


def test_the_screen_gives_the_verdict() -> None:
    """Either what was equal, or how many differences there are."""
    assert "✔ The state equals the truth: 120 balances" in shown(findings())
    wrong = Comparison([Difference("card v_1", "balance", 1, 2)], CHECKED, 940)
    assert "✗ 1 difference from" in shown(findings(comparison=wrong))
    assert "equals" not in shown(findings(comparison=wrong))


def test_polling_costs_what_cards_and_minutes_come_to() -> None:
    """A card is asked for from its publication on."""
    truth = simulated(1).truth
    moments = [delivery.webhook.at for delivery in simulated(1).deliveries]
    cost = polling_cost(truth, min(moments), max(moments))
    (found,) = truth["projects"].values()
    assert cost.cards == len(found["cards"])
    assert 0 < cost.every_minute < cost.cards * cost.days * 24 * 60
    assert cost.every_hour == cost.every_minute // 60
    first = min(parse(one["created_at"]) for one in found["publications"].values())
    one_card = {**found, "cards": {next(iter(found["cards"])): {}}}
    alone = polling_cost({"projects": {"p": one_card}}, first, first + DAY)
    assert alone.every_minute <= 24 * 60


async def test_the_portrait_is_what_the_query_api_says() -> None:
    """All of a card's ledger over its pages, with its holder and tier."""
    truth = simulated(1).truth
    card_id = interesting_card(project(simulated(1)))
    assert card_id is not None
    expected = project(simulated(1))
    async with serving(*PretendApi(truth).routes()) as url, Api(url) as api:
        found = await portrait(api, card_id)
    assert len(expected["ledgers"][card_id]) == len(found.ledger) > 5
    assert expected["cards"][card_id]["code"] == found.card["code"]
    assert found.customer["name"].isprintable()
    earned = {entry["created_at"] for entry in found.ledger if entry["points"] > 0}
    assert any(entry["created_at"] in earned for entry in found.ledger if entry["points"] < 0)


@pytest.mark.parametrize("cards", [{}, {"v_1": {"deleted": True}}])
def test_without_a_member_to_show_none_is_shown(cards: dict[str, Any]) -> None:
    """An empty programme has nobody interesting."""
    assert interesting_card({"cards": cards, "ledgers": {}, "customers": {}}) is None
