"""What customers do, and what is told of them."""

from tests.proof.things import At, Json, Says, Thing, private
from tests.proof.world import Project, alive


def change_customer(project: Project, a: int, b: int, design: int) -> None:
    """A customer is updated; their source id may become another one."""
    customer = project.customer(a)
    if not alive(customer):
        return
    changes: Json = {
        "name": private(customer.id, f"Ada {design}"),
        "metadata": {"n": private(customer.id, str(b))},
    }
    if design & 16:
        changes["source_id"] = private(customer.id, f"s{design}")
    customer.change(project.clock.now, changes)
    project.tell("customer.updated", {"customer": customer.form()}, about=[customer])


def belong(project: Project, a: int, b: int, design: int) -> None:
    """A customer enters a segment, or leaves it."""
    customer = project.customer(a)
    if not alive(customer):
        return
    segment = _segment(project, b % 2)
    key = (customer.id, segment.id)
    here = project.belonging.setdefault(key, Thing("belonging", segment.id, 0, {"is_member": None}))
    enters = not here.fields["is_member"]
    here.made, here.fields = project.clock.now, {"is_member": enters}
    here.form().note(project.clock.now, Says.ABOUT if enters else Says.ENDS)
    data: Json = {"customer": customer.form(), "segment": segment.form()}
    type_ = f"customer.segment.{'entered' if enters else 'left'}"
    project.distribute(type_, data, design, about=[customer])


def _segment(project: Project, number: int) -> Thing:
    id_ = f"x{number}"
    if id_ not in project.segments:
        project.make(project.segments, "segment", id_, {"name": f"Segment {number}"})
    return project.segments[id_]


def do_something(project: Project, a: int, b: int, design: int) -> None:
    """A customer does what the marketer's own software tells of."""
    customer = project.customer(a)
    if not alive(customer):
        return
    event: Json = {
        "id": f"x{len(project.custom_events)}",
        "object": "custom_event",
        "type": "bell",
        "created_at": At(project.clock.now),
        "metadata": {"note": private(customer.id, f"rang {b}")},
    }
    project.custom_events[event["id"]] = customer
    if design & 8:
        event["customer"] = {"id": customer.id, "object": "customer"}
    data: Json = {"customer": customer.form(), "event": event}
    project.distribute("customer.custom_event", data, design)
