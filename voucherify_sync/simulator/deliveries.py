"""From worlds to a delivery schedule: what is sent in which order, and what is sent again.

Same seed and options, same bytes, same order. As it happened, webhooks go out by the moment of
their event; disorder moves them within a window, duplicates come some time after their original.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from voucherify_sync.simulator.chance import Chance
from voucherify_sync.simulator.envelopes import Webhook
from voucherify_sync.simulator.history import worlds
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.truth import truth
from voucherify_sync.simulator.wire import Json

_AGAIN_WITHIN = 400
"""Of how many later deliveries one is a repetition's place, at most."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook at its place in the schedule."""

    webhook: Webhook
    duplicate: bool = False

    @property
    def body(self) -> bytes:
        """The bytes to send."""
        return self.webhook.body


@dataclass(frozen=True, slots=True)
class Schedule:
    """All deliveries in the order in which they are sent, and the truth they stand for."""

    deliveries: list[Delivery]
    truth: Json


def schedule(options: SimulationOptions) -> Schedule:
    """What a simulation sends."""
    made = worlds(options)
    webhooks = [webhook for world in made for webhook in world.teller.webhooks]
    webhooks.sort(key=lambda webhook: webhook.at)  # stable: told in this order in a millisecond
    chance = Chance(f"{options.seed}/deliveries")
    ordered = _with_duplicates(webhooks, options.duplicates, chance)
    return Schedule(_disordered(ordered, options.disorder, chance), truth(options, made))


def out_of_order(deliveries: Iterable[Delivery]) -> int:
    """How many are sent after something that happened later."""
    late, latest = 0, 0
    for delivery in deliveries:
        late += delivery.webhook.at < latest
        latest = max(latest, delivery.webhook.at)
    return late


def _with_duplicates(webhooks: list[Webhook], share: float, chance: Chance) -> list[Delivery]:
    """Repetitions at later places, half of them with another send-out id."""
    placed = [(float(place), Delivery(webhook)) for place, webhook in enumerate(webhooks)]
    for _ in range(round(share * len(webhooks))):
        place = chance.between(0, len(webhooks) - 1)
        again = webhooks[place]
        if chance.happens(0.5):
            again = _sent_out_again(again, chance)
        later = place + 0.5 + chance.between(0, _AGAIN_WITHIN)
        placed.append((later, Delivery(again, duplicate=True)))
    placed.sort(key=lambda pair: pair[0])
    return [delivery for _, delivery in placed]


def _sent_out_again(webhook: Webhook, chance: Chance) -> Webhook:
    """The same event in another send-out; a raw payload has no send-out to tell."""
    if webhook.sendout_id is None:
        return webhook
    sendout_id = f"whs_{chance.hex(18)}"
    body = webhook.body.replace(webhook.sendout_id.encode(), sendout_id.encode(), 1)
    return Webhook(body, webhook.at, webhook.type, sendout_id, webhook.entries)


def _disordered(deliveries: list[Delivery], disorder: float, chance: Chance) -> list[Delivery]:
    """0 keeps the order, 1 shuffles; between, a place changes by less than n**disorder."""
    if disorder == 0:
        return deliveries
    if disorder == 1:
        shuffled = list(deliveries)
        chance.shuffle(shuffled)
        return shuffled
    window = len(deliveries) ** disorder
    moved = [
        (place + chance.share() * window, delivery) for place, delivery in enumerate(deliveries)
    ]
    moved.sort(key=lambda pair: pair[0])
    return [delivery for _, delivery in moved]
