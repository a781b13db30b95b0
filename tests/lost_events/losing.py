"""Histories of the simulator's world, some of whose ledger entries nobody ever tells.

All webhooks that tell of an entry are lost with it. At the end each card is told once more, so that
the loss of its last entries can show. What can show is worked out here from the truth alone: some
lost entries of a card come to nothing together (a redemption and its rollback, say), and no balance
that was told tells of them.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from handlers import table
from schemas import envelope
from schemas.envelope import Envelope
from state.facts import Fact
from voucherify_sync.simulator import deliveries, history
from voucherify_sync.simulator.announcements import publications
from voucherify_sync.simulator.deliveries import Delivery
from voucherify_sync.simulator.ledger import Entry
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.world import World

Card = str
Id = str


@dataclass(frozen=True, slots=True)
class Lost:
    """A history as it arrives, in disorder and with repetitions, and what never came of it."""

    project: str
    arriving: Sequence[Delivery]
    missing: Sequence[Delivery]
    entries: Mapping[Card, Sequence[Id]]
    shown: frozenset[Card]

    @property
    def hidden(self) -> int:
        """How many cards lost entries that left no trace."""
        return len(self.entries.keys() - self.shown)


def history_of(seed: int, *, events: int, share: float) -> Lost:
    """A history of so many webhooks that lost a share of its ledger entries."""
    options = SimulationOptions(
        seed=seed, events=events, cards=max(3, events // 25), disorder=1.0, duplicates=0.1
    )
    (world,) = history.worlds(options)
    _tell_all_once_more(world)
    chance = random.Random(seed)
    lost = {
        entry.id: card
        for card, entries in world.ledgers.items()
        for entry in entries
        if chance.random() < share
    }
    sent = _sent(world, chance)
    there = {one.id for one in (*world.cards, *world.gifts) if not one.deleted}
    entries = _by_card({id_: card for id_, card in lost.items() if card in there})
    return Lost(
        project=world.teller.project_id,
        arriving=[one for one in sent if not _tells_of(one, lost)],
        missing=[one for one in sent if _tells_of(one, lost)],
        entries=entries,
        shown=frozenset(
            card for card, ids in entries.items() if _shows(world.ledgers[card], frozenset(ids))
        ),
    )


def facts(some: Sequence[Delivery]) -> list[Fact]:
    """What these deliveries tell; some are no events."""
    read = [envelope.read(delivery.body) for delivery in some]
    return [fact for one in read if isinstance(one, Envelope) for fact in table.facts(one)]


def _tell_all_once_more(world: World) -> None:
    for voucher in (*world.cards, *world.gifts):
        if not voucher.deleted:
            world.tick(1, 5)
            voucher.updated_at = world.clock.now
            publications.voucher(world, "voucher.updated", voucher)


def _sent(world: World, chance: random.Random) -> list[Delivery]:
    """All webhooks, a tenth of them twice, in any order."""
    webhooks = world.teller.webhooks
    again = chance.sample(webhooks, len(webhooks) // 10)
    sent = [deliveries.Delivery(webhook) for webhook in (*webhooks, *again)]
    chance.shuffle(sent)
    return sent


def _tells_of(delivery: Delivery, lost: Mapping[Id, Card]) -> bool:
    return any(id_ in lost for _, id_ in delivery.webhook.entries)


def _by_card(lost: Mapping[Id, Card]) -> dict[Card, list[Id]]:
    found: dict[Card, list[Id]] = {}
    for id_, card in lost.items():
        found.setdefault(card, []).append(id_)
    return found


def _shows(ledger: Sequence[Entry], lost: frozenset[Id]) -> bool:
    """Whether the entries that are left are no walk in any order that their moments allow.

    From the balance before the first to the one after the last, both of which were told.
    """
    balance = ledger[0].balance - ledger[0].movement.points
    for _, group in groupby(ledger, key=lambda entry: entry.at):
        left = [entry for entry in group if entry.id not in lost]
        if not any(_walks(left, balance)):
            return True
        balance += sum(entry.movement.points for entry in left)
    return balance != ledger[-1].balance


def _walks(entries: Sequence[Entry], balance: int) -> Iterator[bool]:
    """True for each order in which each entry goes on from the balance before it."""
    if not entries:
        yield True
    for entry in entries:
        if entry.balance - entry.movement.points == balance:
            rest = [one for one in entries if one is not entry]
            yield from _walks(rest, entry.balance)
