"""Whatever event tells of a person, in whatever form, and whether it failed: it all goes with them.

The payloads are made from the vendor's specification, if it is beside the checkout.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from schemas import envelope
from schemas.envelope import Envelope
from state import kinds
from state.facts import Fact, Gone, ThingKey
from state.store import Batch, StateWriter
from tests.factories import body, facts, legacy, webhook
from tests.meta import payloads
from tests.privacy import ann, dumping
from tests.state.stores import Store

SCHEMAS = payloads.event_schemas()
pytestmark = pytest.mark.skipif(not SCHEMAS, reason="the vendor's specification is not here")

PEOPLE = ("customer", "holder", "referrer")
CUSTOM = ("custom_event", "event")
DEFINITIONS = ("earning_rule",)
"""What is called customer or custom event in them is part of a formula."""
VARIANTS = 2
"""More alternatives hold the same people."""


def secrets(value: Any, name: str = "", theirs: bool = False) -> Iterator[str]:
    """The texts in a payload that are a person's, or of a custom event of theirs."""
    if isinstance(value, list):
        for inner in value:
            yield from secrets(inner, name, theirs)
    elif isinstance(value, dict):
        person = name in PEOPLE and value.get("object") != "redeemable_holder"
        custom = name in CUSTOM and "metadata" in value
        inside = theirs or person or custom or value.get("object") == "customer"
        for inner, told in value.items():
            if inner in DEFINITIONS:
                continue
            if inner not in ("id", "object", "type") and not inner.endswith("_id"):
                yield from secrets(told, inner, inside)
            elif (inner == "source_id" and inside) or inner == "tracking_id":
                yield from secrets(told, inner, True)
    elif theirs and isinstance(value, str) and payloads.is_distinct(value):
        yield value


def people(value: Any, name: str = "") -> Iterator[str]:
    """The ids of all people in a payload."""
    if isinstance(value, list):
        for inner in value:
            yield from people(inner, name)
    elif isinstance(value, dict):
        if name in PEOPLE or value.get("object") == "customer":
            yield value.get("id", "")
        for inner, told in value.items():
            if inner in ("customer_id", "holder_id", "referrer_id"):
                yield told
            yield from people(told, inner)


def deletions(data: dict[str, Any], project: str) -> list[Fact]:
    """All people of a payload are deleted."""
    ids = {id_ for id_ in people(data) if isinstance(id_, str) and id_}
    return [Gone(ThingKey(project, kinds.CUSTOMER, id_)) for id_ in sorted(ids)]


def told(event_type: str, form: str, variant: int, project: str) -> dict[str, Any]:
    """The event with everything that its schema has."""
    data = payloads.payload(SCHEMAS[event_type], variant)
    if form == "legacy":
        return {**legacy(event_type, data), "project_id": project}
    return webhook(event_type, data, project=project, distribution=form == "distribution")


def left(rows: list[dumping.Row], project: str) -> str:
    """Every text kept of a project."""
    return "\n".join(dumping.texts([row for row in rows if project in row]))


@pytest.mark.parametrize("form", ["webhook", "distribution", "legacy"])
async def test_nothing_of_anybody_stays(store: Store, writer: StateWriter, form: str) -> None:
    """Applied and recorded as a dead letter, before the deletion and after it."""
    expected: dict[str, set[str]] = {}
    for number, event_type in enumerate(SCHEMAS):
        for variant in range(VARIANTS):
            project = f"{event_type}/{variant}"
            event = told(event_type, form, variant, project)
            data = event["data"]
            expected[project] = set(secrets(data))
            letters = [ann.letter(event, 10 * number + variant)]
            gone = deletions(data, project)
            late = variant % 2
            for facts_ in (facts(event), gone) if late else (gone, facts(event)):
                about = letters if facts_ is not gone else []
                await writer.apply(Batch(facts_, {}, about))

    rows = await dumping.rows(store)
    found = {
        f"{project}: {secret}"
        for project, those in expected.items()
        for kept in [left(rows, project)]
        for secret in those
        if secret in kept
    }
    assert set() == found
    assert len(set().union(*expected.values())) > 50


def test_every_person_is_found_in_a_letter() -> None:
    """A letter names all people of its event, however deep they are."""
    for event_type in SCHEMAS:
        event = told(event_type, "webhook", 0, "p")
        named = ann.letter(event, 0).people
        read = envelope.read(body(event))
        assert isinstance(read, Envelope)

        assert {id_ for id_ in people(read.data) if id_} <= set(named)
