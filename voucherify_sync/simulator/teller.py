"""Who is told what: turns what happened into webhooks, the moment it happens.

Payloads are written at once, so what changes later can't change them. Beside the webhooks the
teller keeps what they said of each customer, because of a customer's summary only what was told
can be known.
"""

from voucherify_sync.simulator import distributions, envelopes
from voucherify_sync.simulator.chance import Chance
from voucherify_sync.simulator.envelopes import Event, Sendout, Webhook
from voucherify_sync.simulator.moments import Clock
from voucherify_sync.simulator.wire import Json, encode, written

_PREFIXES = {
    "v": "evvou",
    "cust": "evcus",
    "camp": "evcam",
    "pub": "evpub",
    "r": "evred",
    "rr": "evred",
    "val": "evval",
}
_LEGACY = {
    "voucher.created": "voucher",
    "voucher.updated": "voucher",
    "voucher.enabled": "voucher",
    "voucher.disabled": "voucher",
    "customer.updated": "customer",
}
_CHANNELS = ("API", "API", "API", "USER_PORTAL", "CLIENT_API", "INTERNAL")


class Teller:
    """Writes the webhooks of one project."""

    def __init__(self, project_id: str, chance: Chance, clock: Clock) -> None:
        self.project_id = project_id
        self.webhooks: list[Webhook] = []
        self.customers: dict[str, Json] = {}
        self._chance = chance
        self._clock = clock
        self._webhook_id = f"wh_{chance.letters(24)}"
        self._distributions = distributions.set_up(chance)
        self.begin()

    def begin(self) -> None:
        """A new happening: all that is told from now on belongs together."""
        self._group_id = f"v-{self._chance.hex(18)}"
        self._channel = self._chance.pick(_CHANNELS)

    def webhook(self, type_: str, entity_id: str, data: Json, *, exactly_one: bool = False) -> None:
        """Tell it by the project's webhook, and now and then once more in the older version."""
        event = self._event(type_, entity_id)
        self._note_customers(data)
        if type_ == "publication.succeeded" and self._chance.happens(0.1):
            self._send(event, {"data": data})  # the vendor's schema wraps this one once more
        else:
            self._send(event, data)
        if type_ in _LEGACY and not exactly_one and self._chance.happens(0.08):
            self._send_legacy(event, data)

    def distribution(self, type_: str, entity_id: str, data: Json) -> None:
        """Tell it by each distribution that there is for this type."""
        for distribution in self._distributions[type_]:
            event = self._event(type_, entity_id)
            designed = distribution.design(data)
            self._note_customers(designed)
            sendout = self._sendout()
            envelope = envelopes.distribution(
                event, sendout, designed, distribution.id, distribution.label
            )
            self._add(envelope, event, sendout.id, designed)

    def raw(self, payload: Json, type_: str) -> None:
        """Send a payload without any envelope of ours."""
        self.webhooks.append(Webhook(encode(written(payload)), self._clock.now, type_, None))

    def _send(self, event: Event, data: Json) -> None:
        sendout = self._sendout()
        envelope = envelopes.project_webhook(event, sendout, data, self._webhook_id)
        self._add(envelope, event, sendout.id, data)

    def _send_legacy(self, event: Event, data: Json) -> None:
        """The older version holds the thing itself, or the thing under its name."""
        name = _LEGACY[event.type]
        older = data[name] if self._chance.happens(0.5) else {name: data[name]}
        sendout = self._sendout()
        self._add(envelopes.legacy(event, sendout, older), event, sendout.id, {})

    def _add(self, envelope: Json, event: Event, sendout_id: str, data: Json) -> None:
        digits = 6 if self._chance.happens(0.15) else 3
        body = encode(written(envelope, digits))
        entries = _entries(data)
        self.webhooks.append(Webhook(body, event.at, event.type, sendout_id, entries))

    def _event(self, type_: str, entity_id: str) -> Event:
        prefix = _PREFIXES.get(entity_id.partition("_")[0], "ev")
        event_id = f"{prefix}_{self._chance.hex(18)}"
        now = self._clock.now
        return Event(event_id, type_, now, entity_id, self._group_id, self._channel)

    def _sendout(self) -> Sendout:
        delay = self._chance.between(20, 900)
        sendout_id = f"whs_{self._chance.hex(18)}"
        return Sendout(sendout_id, self.project_id, self._clock.now + delay)

    def _note_customers(self, data: Json) -> None:
        for name in ("customer", "holder"):
            customer = data.get(name)
            if isinstance(customer, dict) and "id" in customer:
                known = self.customers.setdefault(customer["id"], {})
                known.update(written(customer))


def _entries(data: Json) -> tuple[tuple[str, str], ...]:
    """The ledger entries that a payload tells."""
    transaction = data.get("transaction") or data.get("movement")
    if not isinstance(transaction, dict):
        return ()
    card = data.get("voucher") or data.get("card") or {}
    return ((card.get("id", ""), transaction["id"]),)
