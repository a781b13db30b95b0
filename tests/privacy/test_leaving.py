"""Once a customer is deleted, nothing of theirs is in the database, whatever was told when."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from handlers import table
from handlers.scrubbing import scrub
from schemas import envelope
from schemas.envelope import Envelope
from state import kinds
from state.facts import Observed
from state.store import Batch, DeadLetter, StateWriter
from tests.factories import CARD, PROJECT, card, facts, transaction, webhook
from tests.privacy import ann, dumping
from tests.state.stores import Store

VOUCHER = "v_Zmqfq7rKLPtSHv3aCGrD4863"

Told = dict[str, Any] | DeadLetter


def everything() -> list[Told]:
    """All of Ann's events, and all of them once more as dead letters."""
    told = ann.events()
    return [*told, *(ann.letter(event, number) for number, event in enumerate(told[:-1]))]


async def tell(writer: StateWriter, *told: Told) -> None:
    """Apply events and keep dead letters in one transaction."""
    events = [one for one in told if not isinstance(one, DeadLetter)]
    letters = [one for one in told if isinstance(one, DeadLetter)]
    await writer.apply(Batch([fact for one in events for fact in facts(one)], {}, letters))


async def found(store: Store) -> set[str]:
    """What of Ann is in the database."""
    kept = "\n".join(dumping.texts(await dumping.rows(store)))
    return {secret for secret in ann.SECRETS if secret in kept}


async def test_the_search_finds_what_is_there(store: Store, writer: StateWriter) -> None:
    """Everything of Ann's, as long as she is not deleted; so the tests below can fail."""
    await tell(writer, *everything())

    assert ann.SECRETS == await found(store)


def orders() -> list[list[Told]]:
    """Deleted first, last, in the middle, twice; and whatever comes, with repetitions."""
    all_of_it: list[Told] = everything()
    middle = len(all_of_it) // 2
    made = [
        [ann.DELETED, *all_of_it],
        [*all_of_it, ann.DELETED],
        [*all_of_it[::-1], ann.DELETED],
        [*all_of_it[:middle], ann.DELETED, *all_of_it[middle:]],
        [ann.DELETED, *all_of_it, ann.DELETED, *all_of_it],
    ]
    for seed in range(12):
        chance = random.Random(seed)
        events = [one for one in all_of_it if not isinstance(one, DeadLetter)]
        shuffled = [*all_of_it, *chance.sample(events, 8), ann.DELETED]
        chance.shuffle(shuffled)
        made.append(shuffled)
    return made


@pytest.mark.parametrize("number", range(len(orders())))
async def test_nothing_is_left(store: Store, writer: StateWriter, number: int) -> None:
    """In whatever order, one by one or together, it is gone, and what is not hers is not."""
    order = orders()[number]
    chance = random.Random(number)
    while order:
        together = chance.choice((1, 1, 3, 20)) if number % 2 else 1
        await tell(writer, *order[:together])
        order = order[together:]

    assert set() == await found(store)
    assert ann.SAFE <= dumping.texts(await dumping.rows(store))


async def states(store: Store, writer: StateWriter, orders: Sequence[Sequence[Told]]) -> list[Any]:
    """The things and letters after each of some orders, each told in a project of its own."""
    seen = []
    for number, order in enumerate(orders):
        for one in order:
            await tell(writer, renamed(one, f"p{number}"))
        kept = [row for row in await dumping.things(store) if row[1] == f"p{number}"]
        seen.append([(row[2:]) for row in kept])
    return seen


def renamed(told: Told, project: str) -> Told:
    """The same in another project."""
    if isinstance(told, DeadLetter):
        raise TypeError
    return {**told, "project_id": project}


async def test_the_order_does_not_matter(store: Store, writer: StateWriter) -> None:
    """Also not for what is left, of Ann and of others, down to the rows of what is gone."""
    events = [[one for one in order if not isinstance(one, DeadLetter)] for order in orders()]

    first, *others = await states(store, writer, events)

    for other in others:
        assert first == other


async def redriven(writer: StateWriter) -> int:
    """Apply what the letters still tell, and settle them; how many there were."""
    letters = await writer.dead_letters(limit=1_000)
    for letter in letters:
        event = envelope.read(letter.value)
        assert isinstance(event, Envelope), letter
        await writer.apply(Batch(list(table.facts(event)), {}, settled=[letter.place]))
    return len(letters)


async def test_a_letter_still_tells_what_is_not_hers(store: Store, writer: StateWriter) -> None:
    """Redriven after she was deleted, letters end in the state that there would have been."""
    events = ann.events()
    await tell(writer, *events, ann.DELETED)
    expected = await dumping.things(store)
    for event in events:
        event["project_id"] = "other"
    *named, unsaid = events
    letters = [ann.letter(event, number) for number, event in enumerate(named)]
    await tell(writer, *letters)
    await tell(writer, {**ann.DELETED, "project_id": "other"})
    assert set() == await found(store)

    await tell(writer, unsaid)
    assert len(named) == await redriven(writer)
    known = [(*row[2:],) for row in await dumping.things(store) if row[1] == "other"]

    assert [(*row[2:],) for row in expected if row[1] == PROJECT] == known
    assert set() == await found(store)
    assert (kinds.VOUCHER, CARD) in [row[:2] for row in known]


async def test_a_letter_that_can_not_be_read_is_emptied(writer: StateWriter) -> None:
    """It says so, and keeps where it stood."""
    event = ann.events()[0]
    letter = ann.letter(event, 0)
    await tell(writer, replace(letter, value=b"<ann>", about=("ann@mail.example", ann.ID, VOUCHER)))
    await tell(writer, ann.DELETED)

    (kept,) = await writer.dead_letters()

    assert (letter.place, b"") == (kept.place, kept.value)
    assert b"everything" == dict(kept.headers)["erased"]
    assert (ann.ID, VOUCHER) == kept.about


async def test_other_projects_keep_their_people(store: Store, writer: StateWriter) -> None:
    """Who has the same id in another project is another person."""
    other = [{**event, "project_id": "other"} for event in ann.events()]
    await tell(writer, *ann.events(), *other, ann.letter(other[0], 1))
    await tell(writer, ann.DELETED)

    left = [row for row in await dumping.rows(store) if "other" in row]
    here = [row for row in await dumping.rows(store) if "other" not in row]

    assert "Ann Byway" in dumping.texts(left)
    assert not ann.SECRETS & dumping.texts(here)


async def test_a_letter_goes_by_its_own_project(writer: StateWriter) -> None:
    """Two letters of one batch that name the same id of two projects are not mixed up."""
    event = ann.events()[0]
    here, there = ann.letter(event, 0), ann.letter({**event, "project_id": "other"}, 1)
    unknown = replace(ann.letter(event, 2), project=None)
    await tell(writer, ann.DELETED)
    await tell(writer, here, there, unknown)

    kept = await writer.dead_letters()

    assert [False, True, False] == [b"Ann Byway" in letter.value for letter in kept]


@pytest.mark.parametrize("name", ["event", "custom_event"])
def test_what_is_somebody_elses_is_left(name: str) -> None:
    """Of a letter that names two people, what is the other one's own stays."""
    happened = {"id": "event_9", "object": "event", "metadata": {"a": "Bob's own"}}
    type_ = "customer.custom_event" if name == "event" else "customer.rewarded"
    data = {name: happened, "customer": ann.BOB, "referrer": ann.ANN}
    kept = scrub(ann.letter(webhook(type_, data), 0), ann.ID).value

    assert b"Bob's own" in kept
    assert b"bob@crm.example" in kept
    assert b"Byway" not in kept


@pytest.mark.parametrize("name", ["event", "custom_event"])
def test_a_custom_event_says_whose_it_is(name: str) -> None:
    """Also where nothing beside it does."""
    happened = {"id": "event_9", "object": "event", "metadata": {"a": "b"}, "customer": ann.ANN}
    event = webhook("customer.custom_event", {name: happened})
    read = envelope.read(scrub(ann.letter(event, 0), ann.ID).value)
    assert isinstance(read, Envelope)

    told = [fact for fact in table.facts(read) if fact.thing.kind == kinds.CUSTOM_EVENT]

    assert [ann.ID] == [
        fact.fields[kinds.CUSTOMER_ID] for fact in told if isinstance(fact, Observed)
    ]


def test_what_refers_to_a_thing_is_left() -> None:
    """A thing of another kind may have the customer's id: what refers to it stays."""
    referring = {"type": "voucher", "id": ann.ID}
    entry = transaction("vtx_1", 7, 10, 10)
    entry["details"]["balance"]["related_object"] = referring
    type_ = "voucher.loyalty_card.transaction.created"
    event = webhook(type_, {"transaction": entry, "voucher": card(10), "holder": ann.ANN})
    read = envelope.read(scrub(ann.letter(event, 0), ann.ID).value)
    assert isinstance(read, Envelope)

    assert referring == read.data["transaction"]["details"]["balance"]["related_object"]


def test_scrubbing_twice_changes_nothing() -> None:
    """What was freed of someone stays as it is, and so does what does not name them."""
    for number, event in enumerate(ann.events()):
        letter = ann.letter(event, number)
        once = scrub(letter, ann.ID)

        assert once == scrub(once, ann.ID)
        if ann.ID not in (*letter.about, *letter.people):
            assert letter == once
            continue
        assert not [secret for secret in ann.SECRETS if secret.encode() in once.value]
