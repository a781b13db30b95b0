"""Customers: who they are, and the forms in which Voucherify tells of them.

The *full* form stands in events about a customer, the *simple* form beside other things, and the
*placeholder* form, with fields left empty for everybody, inside orders and publications.
"""

from dataclasses import dataclass, field
from typing import Any

from voucherify_sync.simulator import moments
from voucherify_sync.simulator.chance import Chance
from voucherify_sync.simulator.moments import At
from voucherify_sync.simulator.wire import Json

_EPITHETS = (
    "Örs",
    "Zelie\u0301 the combined",
    "🦊 of the fox den",
    "👩🏽\u200d🚀 in orbit",
    "מרים",
    "\u202eطويل\u202c",
    "名無し",
    'the "quoted"',
    "O'Apostrophe",
    "Back\\slash",
    "<b>Markup</b> & Sons",
    "Tab\tNewline\n",
    "Plain",
    "Plain",
    "Plain",
)
_ODD = {"nul": "N\x00ul", "surrogate": "Half \ud83d moon"}
_TOWNS = ("Port Anywhere", "Nether Example", "Łódź-by-Sea", "São Nenhures", "Test­ville")
_NOTES = ("", "prefers e-mail", "n/a", "☕ only", "ça va", "line one\nline two", "100 % cotton")


@dataclass(slots=True)
class Spending:
    """What a customer's summary counts."""

    orders: int = 0
    amount: int = 0
    last_amount: int = 0
    last_at: int | None = None
    succeeded: int = 0
    failed: int = 0
    rolled_back: int = 0
    rollbacks_failed: int = 0
    redeemed_points: int = 0
    redeemed_amount: int = 0

    def form(self, points_to_go: int, amount_to_go: int) -> Json:
        """The summary, with what is left on the customer's cards."""
        orders: Json = {
            "total_amount": self.amount,
            "total_count": self.orders,
            "average_amount": self.amount // self.orders if self.orders else 0,
            "last_order_amount": self.last_amount,
        }
        if self.last_at is not None:
            orders["last_order_date"] = At(self.last_at)
        return {"redemptions": self._redemptions(points_to_go, amount_to_go), "orders": orders}

    def _redemptions(self, points_to_go: int, amount_to_go: int) -> Json:
        return {
            "total_redeemed": self.succeeded - self.rolled_back,
            "total_failed": self.failed,
            "total_succeeded": self.succeeded,
            "total_rolled_back": self.rolled_back,
            "total_rollback_failed": self.rollbacks_failed,
            "total_rollback_succeeded": self.rolled_back,
            "gift": {"redeemed_amount": self.redeemed_amount, "amount_to_go": amount_to_go},
            "loyalty_card": {"redeemed_points": self.redeemed_points, "points_to_go": points_to_go},
        }


@dataclass(slots=True)
class Customer:
    """A person. Values that are objects are replaced when they change, never changed in place."""

    id: str
    source_id: str
    name: str
    email: str | None
    phone: str
    birthdate: str
    description: str | None
    address: Json | None
    metadata: Json
    created_at: int
    updated_at: int | None = None
    deleted: bool = False
    spending: Spending = field(default_factory=Spending)

    def simple(self) -> Json:
        """The form beside other things: it never says of when it is."""
        return {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "source_id": self.source_id,
            "metadata": self.metadata,
            "object": "customer",
        }

    def full(self, summary: Json, loyalty: Json) -> Json:
        """The form in events about the customer."""
        form: Json = {
            "id": self.id,
            "source_id": self.source_id,
            "name": self.name,
            "description": self.description,
            "email": self.email,
            "phone": self.phone,
            "birthdate": self.birthdate,
            "address": self.address,
            "summary": summary,
            "loyalty": loyalty,
            "referrals": {"total": 0, "campaigns": []},
            "metadata": self.metadata,
            "system_metadata": {},
            "created_at": At(self.created_at),
        }
        if self.updated_at is not None:
            form["updated_at"] = At(self.updated_at)
        return {**form, "object": "customer"}

    def placeholder(self) -> Json:
        """The form inside a publication: what is null here is not the customer's, it is untold."""
        empty = dict.fromkeys(("address", "summary", "loyalty", "referrals"))
        return {
            "id": self.id,
            "source_id": self.source_id,
            "name": self.name,
            **empty,
            "metadata": self.metadata,
            "object": "customer",
        }

    def empty_placeholder(self) -> Json:
        """The form inside an order: an id and untold fields."""
        empty = dict.fromkeys(("address", "summary", "loyalty", "referrals"))
        return {"id": self.id, **empty, "object": "customer"}


def newcomer(chance: Chance, number: int, now: int) -> Customer:
    """Somebody invented, with a name that is hard to keep."""
    name = f"Member {number} {chance.pick(_EPITHETS)}"
    if chance.happens(0.02):
        name = f"Member {number} {_ODD[chance.pick(('nul', 'surrogate'))]}"
    day = f"{chance.between(1, 12):02d}-{chance.between(1, 28):02d}"
    return Customer(
        id=f"cust_{chance.letters(24)}",
        source_id=f"member-{number:05d}",
        name=name,
        email=None if chance.happens(0.3) else f"member{number}@members.example",
        phone=f"+990{chance.digits(9)}",
        birthdate=f"19{chance.between(40, 99)}-{day}",
        description=chance.pick((None, "", "met at the counter")),
        address=address(chance),
        metadata=metadata(chance),
        created_at=now,
    )


def address(chance: Chance) -> Json | None:
    """Somewhere invented, or nothing."""
    if chance.happens(0.2):
        return None
    return {
        "city": chance.pick(_TOWNS),
        "state": None,
        "line_1": f"{chance.between(1, 99)} Example Row",
        "line_2": None,
        "country": chance.pick(("Nowhereland", "Utopia", "Ålkmistan")),
        "postal_code": chance.digits(5),
    }


def metadata(chance: Chance) -> Json:
    """What a shop may have written: any JSON value under any name."""
    kept: dict[str, Any] = {"note": chance.pick(_NOTES), "visits": chance.between(0, 90)}
    extras: tuple[Json, ...] = (
        {"vip": chance.happens(0.5)},
        {"shoe.size": 42.5, "$tag": "dollar", "": "nameless"},
        {"big": 12345678901234567890, "exact": 9007199254740993, "small": -0.5},
        {"sizes": ["S", "M", None, 3], "nested": {"deep": {"er": []}}},
        {"since": moments.date(moments.START), "empty": None},
        {"naïve 🗝": "clé"},
    )
    if chance.happens(0.5):
        kept.update(chance.pick(extras))
    if chance.happens(0.05):
        kept["odd"] = _ODD[chance.pick(("nul", "surrogate"))]
    return kept
