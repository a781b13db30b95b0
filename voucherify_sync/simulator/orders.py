"""Orders and their forms."""

from dataclasses import dataclass, field

from voucherify_sync.simulator.chance import Chance
from voucherify_sync.simulator.moments import At, optional
from voucherify_sync.simulator.people import Customer
from voucherify_sync.simulator.wire import Json

_GOODS = (
    ("teapot", "Leaky Teapot", 1_900),
    ("umbrella", "Glass Umbrella", 3_250),
    ("socks", "Left Socks", 450),
    ("map", "Map of Nowhere", 799),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of an order; its price is in the smallest currency unit."""

    id: str
    source_id: str
    name: str
    price: int
    quantity: int

    @property
    def amount(self) -> int:
        """What the line costs."""
        return self.price * self.quantity

    def form(self) -> Json:
        """The only form there is."""
        return {
            "id": self.id,
            "object": "order_item",
            "source_id": self.source_id,
            "related_object": "product",
            "quantity": self.quantity,
            "amount": self.amount,
            "price": self.price,
            "subtotal_amount": self.amount,
        }


@dataclass(slots=True)
class Order:
    """An order of a customer."""

    id: str
    source_id: str | None
    customer: Customer
    items: list[Item]
    created_at: int
    status: str = "CREATED"
    discount: int = 0
    metadata: Json = field(default_factory=dict)
    updated_at: int | None = None

    @property
    def amount(self) -> int:
        """Before discounts."""
        return sum(item.amount for item in self.items)

    @property
    def total(self) -> int:
        """After discounts."""
        return self.amount - self.discount

    def move(self, status: str, at: int) -> None:
        """Bring the order into another status."""
        self.status, self.updated_at = status, at

    def brief(self) -> Json:
        """Ids, as details tell it."""
        return {"id": self.id, "source_id": self.source_id}

    def simple(self) -> Json:
        """The form beside other things."""
        form: Json = {
            "id": self.id,
            "source_id": self.source_id,
            "status": self.status,
            "customer_id": self.customer.id,
            "referrer_id": None,
            "amount": self.amount,
            "total_amount": self.total,
        }
        if self.discount:
            form |= {
                "discount_amount": self.discount,
                "total_discount_amount": self.discount,
                "applied_discount_amount": self.discount,
                "total_applied_discount_amount": self.discount,
            }
        form |= {
            "items": [item.form() for item in self.items],
            "metadata": self.metadata,
            "created_at": At(self.created_at),
        }
        if self.updated_at is not None:
            form["updated_at"] = At(self.updated_at)
        return {**form, "object": "order"}

    def full(self) -> Json:
        """The form in events about the order, with a customer that says nothing but its id."""
        return {
            **self.simple(),
            "updated_at": optional(self.updated_at),
            "customer": self.customer.empty_placeholder(),
        }


def filled(chance: Chance, order_id: str, customer: Customer, now: int) -> Order:
    """A new order with some goods in it."""
    items = []
    for _ in range(chance.between(1, 3)):
        source_id, name, price = chance.pick(_GOODS)
        items.append(Item(f"ordli_{chance.hex(18)}", source_id, name, price, chance.between(1, 3)))
    return Order(
        id=order_id,
        source_id=None if chance.happens(0.5) else f"till-{chance.digits(6)}",
        customer=customer,
        items=items,
        created_at=now,
        metadata={"till": chance.between(1, 4)} if chance.happens(0.4) else {},
    )
