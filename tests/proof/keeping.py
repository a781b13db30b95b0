"""What has to be kept of what no path answers: who is in which segment, and nothing of the deleted.

Like the oracle, it knows the world and what its webhooks showed.
"""

from collections.abc import Iterator

from schemas import jsontext
from state import kinds
from state.kept import Kept
from tests.proof.databases import Remembered
from tests.proof.things import private_mark
from tests.proof.world import Project


def wrong(project: Project, state: Remembered) -> Iterator[str]:
    """What is wrong with what is kept of a project."""
    yield from _segments(project, state)
    yield from _custom_events(project, state)
    yield from _deleted(project, state)


def _segments(project: Project, state: Remembered) -> Iterator[str]:
    kept = {
        (one.row.fields["customer_id"], one.row.fields["segment_id"]): one.row.fields["is_member"]
        for one in state.of(project.id, kinds.SEGMENT_MEMBERSHIP)
    }
    told = {
        key: here.newest("is_member")
        for key, here in project.belonging.items()
        if not project.customers[key[0]].gone
    }
    if kept.keys() != told.keys():
        yield f"{project.id}: in segments are {sorted(kept)}, told were {sorted(told)}"
        return
    for key, is_member in kept.items():
        if is_member not in told[key]:
            yield f"{project.id}: of segment {key} is {is_member}, told were {told[key]}"


def _custom_events(project: Project, state: Remembered) -> Iterator[str]:
    kept = {one.place[2] for one in state.of(project.id, kinds.CUSTOM_EVENT)}
    told = {id_ for id_, customer in project.custom_events.items() if not customer.gone}
    if kept != told:
        yield f"{project.id}: custom events {sorted(kept)}, told were {sorted(told)}"


def _deleted(project: Project, state: Remembered) -> Iterator[str]:
    for customer in project.customers.values():
        if customer.gone:
            mark = private_mark(customer.id)
            found = [one.names for one in state.of(project.id) if mark in _text(one)]
            if found:
                yield f"{project.id}: of {customer.id}, who was deleted, tell {found}"


def _text(kept: Kept) -> str:
    return jsontext.encode([kept.row.fields, kept.lookups]).decode()
