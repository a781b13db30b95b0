"""The demo's one screen: what arrived, one member, how fast, what polling costs, the verdict."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from voucherify_sync.simulator.compare import Comparison
from voucherify_sync.simulator.likeness import at
from voucherify_sync.simulator.moments import parse
from voucherify_sync.simulator.polling import PLAN_CALLS_A_MINUTE, PollingCost
from voucherify_sync.simulator.portrait import SHOWN, Portrait
from voucherify_sync.simulator.sender import Counts, percentile
from voucherify_sync.simulator.wire import Json

WIDTH = 100
_BAR = 10
_FAMILIES = 8
_MOVEMENTS = {
    "POINTS_ACCRUAL": "earned by an order",
    "POINTS_ADDITION": "added by hand",
    "POINTS_REMOVAL": "removed by hand",
    "POINTS_REDEMPTION": "reward",
    "POINTS_REFUND": "reward given back",
    "POINTS_EXPIRATION": "expired",
    "PENDING_POINTS_ACTIVATION": "pending points activated",
    "POINTS_TRANSFER_IN": "transfer from another card",
    "POINTS_TRANSFER_OUT": "transfer to another card",
}


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the screen shows. Latencies are in seconds."""

    counts: Counts
    families: Counter[str]
    visible: Sequence[float]
    caught_up: float
    cost: PollingCost
    comparison: Comparison
    entries: int
    member: Portrait | None


def screen(findings: Findings) -> RenderableType:
    """The screen, for a console of 80 to 100 columns."""
    parts: list[RenderableType] = [_headline(findings), _arrived(findings)]
    if findings.member is not None:
        parts.append(_member(findings.member))
    return Group(*parts, _polling(findings.cost), _verdict(findings))


def _headline(findings: Findings) -> RenderableType:
    counts = findings.counts
    text = Text.assemble(
        (f"{counts.accepted:,} signed webhooks", "bold"),
        f", {findings.cost.days:.0f} days in the life of a loyalty programme, went through\n",
        "receiver, log and handlers into the state ",
        (f"in {counts.seconds:.1f} s", "bold"),
        ": shuffled, some of them twice.",
    )
    return Panel(text, title="voucherify-sync demo", title_align="left", border_style="cyan")


def _arrived(findings: Findings) -> RenderableType:
    columns = Table.grid(padding=(0, 2))
    columns.add_row(_families(findings.families), _numbers(findings))
    return columns


def _families(families: Counter[str]) -> RenderableType:
    table = Table(box=None, padding=(0, 1), title="What arrived", title_justify="left")
    table.add_column("family", no_wrap=True)
    table.add_column("webhooks", justify="right")
    table.add_column("", min_width=_BAR, no_wrap=True)
    most = max(families.values(), default=1)
    shown = families.most_common(_FAMILIES)
    rest = families.total() - sum(number for _, number in shown)
    for family, number in [*shown, ("the rest", rest)]:
        bar = "█" * max(1, round(_BAR * number / most))
        table.add_row(family, f"{number:,}", Text(bar, style="cyan"))
    return table


def _numbers(findings: Findings) -> RenderableType:
    counts = findings.counts
    table = Table(box=None, padding=(0, 1), title="How it went", title_justify="left")
    table.add_column("", no_wrap=True)
    table.add_column("", no_wrap=True)
    for name, value in (
        ("accepted", f"{counts.accepted:,} of {counts.total:,}"),
        ("duplicates", f"{counts.duplicates:,}"),
        ("out of order", f"{counts.out_of_order:,}"),
        ("retries", f"{counts.retried:,}"),
        ("rate", f"{counts.accepted / counts.seconds:,.0f} a second"),
        ("to 2xx", _latency(counts.latencies)),
        ("to visible", _latency(findings.visible)),
        ("", f"p50 · p95 · p99 of {len(findings.visible):,}"),
        ("all applied", f"{findings.caught_up * 1000:,.0f} ms after the last 202"),
    ):
        table.add_row(name, value)
    return table


def _latency(seconds: Sequence[float]) -> str:
    """The median, the 95th and the 99th percentile."""
    shares = (percentile(seconds, share) * 1000 for share in (0.5, 0.95, 0.99))
    return " · ".join(f"{milliseconds:.0f}" for milliseconds in shares) + " ms"


def _member(member: Portrait) -> RenderableType:
    card: Json = member.card.get("loyalty_card") or {}
    pending = sum(one.get("points", 0) for one in member.pending)
    title = Text.assemble(
        (str(member.customer.get("name")), "bold"),
        f" · card {member.card.get('code')} · {member.card.get('campaign')}",
    )
    subtitle = (
        f"balance {card.get('balance'):,} · ever {card.get('points'):,} · pending {pending:,} · "
        f"tier {member.tier or 'none'}"
    )
    return Panel(
        _ledger(member.ledger),
        title=title,
        title_align="left",
        subtitle=subtitle,
        subtitle_align="left",
        border_style="green",
    )


def _ledger(entries: Sequence[Json]) -> RenderableType:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    table.add_column("as the query API tells it", min_width=26, no_wrap=True)
    table.add_column("what", min_width=26, no_wrap=True)
    table.add_column("points", justify="right", min_width=8)
    table.add_column("balance", justify="right", min_width=8)
    before: Any = None
    if len(entries) > SHOWN:
        table.add_row(f"… {len(entries) - SHOWN} earlier entries", "", "", "")
    for entry in entries[-SHOWN:]:
        moment = parse(str(entry.get("created_at")))
        points = at(entry, "details.balance.points")
        table.add_row(
            "  in the same millisecond" if moment == before else _when(entry),
            _MOVEMENTS.get(str(entry.get("type")), str(entry.get("type"))),
            Text(f"{points:+,}", style="green" if points > 0 else "red"),
            f"{at(entry, 'details.balance.balance'):,}",
            style="" if moment != before else "bold",
        )
        before = moment
    return table


def _when(entry: Json) -> str:
    return str(entry.get("created_at")).replace("T", "  ")[:24]


def _polling(cost: PollingCost) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), header_style="dim", show_edge=False)
    table.add_column(f"to know {cost.cards:,} cards for {cost.days:.0f} days", no_wrap=True)
    table.add_column("API calls", justify="right", no_wrap=True)
    table.add_column("")
    limit = f"plan: {PLAN_CALLS_A_MINUTE} a minute"
    for how, calls, remark in (
        ("ask for each card once a minute", cost.every_minute, limit),
        ("ask for each card once an hour", cost.every_hour, "up to an hour late"),
        ("ask once for each entry and publication", cost.clairvoyant, "if one knew when"),
    ):
        table.add_row(how, f"{calls:,}", remark)
    table.add_row("webhooks", Text("0", style="bold green"), "they don't count")
    return table


def _verdict(findings: Findings) -> RenderableType:
    differences = findings.comparison.differences
    checked = findings.comparison.checked
    if differences:
        word = "difference" if len(differences) == 1 else "differences"
        return Text(f"✗ {len(differences):,} {word} from the truth", style="bold red")
    names = (
        f"{checked['cards']:,} balances",
        f"{checked['ledgers']:,} ledgers with {findings.entries:,} entries",
        f"{checked['pending_points']:,} cards' pending points",
        f"{checked['tiers']:,} tiers",
        "all publications",
        f"{checked['customers']:,} look-ups of customers",
        f"{checked['redemptions']:,} redemptions",
    )
    return Text.assemble(
        ("✔ The state equals the truth: ", "bold green"),
        ", ".join(names),
        f" ({findings.comparison.requests:,} questions to the query API, 0 differences).",
    )
