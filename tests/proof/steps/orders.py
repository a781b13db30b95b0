"""Orders are placed, updated, paid and canceled."""

from tests.proof.things import Json
from tests.proof.world import Project, alive


def change_order(project: Project, a: int, b: int, design: int) -> None:
    """An order is placed, and then updated, paid or canceled."""
    customer = project.customer(b % 2)
    order = project.order(a, customer) if alive(customer) else project.orders.get(f"x{a}")
    placed_by = project.customers.get(order.fields["customer_id"]) if order else None
    if order is None or placed_by is None or not alive(placed_by):
        return
    what = ("updated", "paid", "canceled")[b]
    changes: Json = {"amount": 100 + design} if b == 0 else {"status": what.upper()}
    order.change(project.clock.now, changes)
    project.tell_order(what, order, placed_by, design)
