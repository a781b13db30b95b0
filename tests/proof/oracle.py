"""What a perfect reader of all webhooks answers, in whatever order they came.

It knows the world and what its webhooks showed, nothing of facts or of how state is kept. Where the
vendor's clock goes on, a field's newest telling is the truth. Where changes share a millisecond or
the clock steps back, webhooks may not say which was the last: then any of the newest tellings is
right, and that all orders agree on one of them is for the comparison of states to say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from schemas import moment
from tests.proof.steps.spending import rollbacks
from tests.proof.things import At, Entry, Json, Thing, text
from tests.proof.world import Project, alive, beginning

Check = Callable[[int, Json], Iterator[str]]
"""From status and body of an answer to what is wrong with it."""

_MISSING: Final = object()
_BALANCES: Final = ("loyalty_card.balance", "gift.balance")


@dataclass(frozen=True, slots=True)
class Question:
    """A path of one project's query API, and what its answer has to say."""

    project: str
    path: str
    check: Check


def questions(project: Project) -> Iterator[Question]:
    """Everything that a project can be asked for."""
    for kind, things in (
        ("campaigns", project.campaigns),
        ("customers", project.customers),
        ("orders", project.orders),
    ):
        for thing in things.values():
            yield Question(project.id, f"/v1/{kind}/{thing.id}", _thing(thing))
    for redemption in project.redemptions.values():
        path = f"/v1/redemptions/{redemption.id}"
        yield Question(project.id, path, _redemption(project, redemption))
    yield Question(project.id, "/v1/publications?limit=100", _list("publications", project))
    yield Question(project.id, "/v1/vouchers?limit=100", _list("vouchers", project))
    for card in project.cards.values():
        yield from _of_card(project, card)


def _of_card(project: Project, card: Thing) -> Iterator[Question]:
    there = is_there(project, card)
    path = f"/v1/vouchers/{card.fields['code']}"
    yield Question(project.id, path, _card(project, card))
    yield Question(project.id, f"{path}/transactions?limit=100&order=id", _ledger(project, card))
    member = f"/v1/loyalties/members/{card.id}"
    if not there or "gift.balance" in card.fields:
        yield Question(project.id, member, _not_there)
        return
    yield Question(project.id, f"{member}/pending-points?limit=100", _pending(project, card))
    expiration = f"{member}/points-expiration?limit=100"
    yield Question(project.id, expiration, _expiration(project, card))
    yield Question(project.id, f"{member}/tiers", _tiers(project, card))


def is_there(project: Project, card: Thing) -> bool:
    """Whether a card and its campaign are."""
    return alive(card, project.campaigns[card.fields["campaign_id"]])


def unfair(projects: Iterable[Project]) -> Iterator[str]:
    """Fields whose newest telling is not the truth: of an orderly history there are none."""
    for project in projects:
        for things in (
            project.campaigns,
            project.customers,
            project.cards,
            project.orders,
            project.buckets,
        ):
            for thing in things.values():
                for path, value in thing.fields.items():
                    if not thing.gone and thing.newest(path)[-1:] != [value]:
                        yield f"{project.id} {thing.kind} {thing.id} {path}"


def _not_there(status: int, body: Json) -> Iterator[str]:  # noqa: ARG001
    if status != 404:
        yield f"status {status} for what is not there"


def _thing(thing: Thing, skip: tuple[str, ...] = ()) -> Check:
    def check(status: int, body: Json) -> Iterator[str]:
        if thing.gone:
            yield from _not_there(status, body)
        elif status != 200:
            yield f"status {status} for what is there"
        else:
            yield from _fields(thing, body, skip)

    return check


def _fields(thing: Thing, body: Json, skip: tuple[str, ...] = ()) -> Iterator[str]:
    if body.get("id") != thing.id:
        yield f"id {body.get('id')}"
    for path in thing.fields:
        possible = thing.newest(path)
        found = _at(body, path)
        if path not in skip and not any(_equal(value, found) for value in possible):
            yield f"{path} is {_shown(found)}, told was {possible}"


def _card(project: Project, card: Thing) -> Check:
    def check(status: int, body: Json) -> Iterator[str]:
        if not is_there(project, card):
            yield from _not_there(status, body)
            return
        yield from _thing(card, _BALANCES)(status, body)
        path = next(path for path in _BALANCES if path in card.fields)
        possible = balances(card, path, project.ledgers[card.id])
        if status == 200 and _at(body, path) not in possible:
            yield f"{path} is {_shown(_at(body, path))}, possible are {possible}"

    return check


def balances(card: Thing, path: str, ledger: list[Entry]) -> list[int]:
    """The last entry's balance, unless the card itself was told as it was later."""
    last = max((entry.at for entry in ledger), default=-1)
    told = max((telling.as_of for telling in card.told[path]), default=-1)
    if told > last:
        return card.newest(path)
    if _is_a_chain(ledger):
        return [ledger[-1].balance]
    return [entry.balance for entry in ledger if entry.at == last]


def _is_a_chain(ledger: list[Entry]) -> bool:
    """Whether the clock went on, or stood still, from entry to entry."""
    return all(one.at <= then.at for one, then in pairwise(ledger))


def _ledger(project: Project, card: Thing) -> Check:
    ledger = project.ledgers[card.id]

    def check(status: int, body: Json) -> Iterator[str]:
        if not is_there(project, card):
            yield from _not_there(status, body)
            return
        found = body.get("data", [])
        wanted = {entry.id: entry for entry in ledger}
        if sorted(wanted) != sorted(one["id"] for one in found):
            yield f"entries {[one['id'] for one in found]}, told were {list(wanted)}"
            return
        for one in found:
            yield from _entry(wanted[one["id"]], one)
        shown = [wanted[one["id"]] for one in found]
        if [entry.at for entry in shown] != sorted(entry.at for entry in ledger):
            yield "entries are not in the order of their moments"
        if _is_a_chain(ledger):
            yield from _broken(shown, beginning(card))

    return check


def _entry(entry: Entry, found: Json) -> Iterator[str]:
    balance = (found.get("details") or {}).get("balance") or {}
    points = balance.get("points", balance.get("amount"))
    told = (entry.type, entry.points, entry.balance)
    if told != (found.get("type"), points, balance.get("balance")):
        yield f"entry {entry.id} is {found}"


def _broken(shown: list[Entry], before: int) -> Iterator[str]:
    """The balance before an entry is the one that the entry before it left."""
    for entry in shown:
        if before + entry.points != entry.balance:
            yield f"entry {entry.id} does not follow on: {[one.id for one in shown]}"
        before = entry.balance


def _pending(project: Project, card: Thing) -> Check:
    waiting = {
        one.id: one
        for one in project.pending.values()
        if not one.gone and one.fields["voucher_id"] == card.id
    }

    def check(status: int, body: Json) -> Iterator[str]:
        found = {one["id"]: one for one in body.get("data", [])}
        if status != 200 or found.keys() != waiting.keys():
            yield f"status {status}, pending {sorted(found)}, told were {sorted(waiting)}"
            return
        for id_, points in waiting.items():
            yield from _fields(points, found[id_])

    return check


def _expiration(project: Project, card: Thing) -> Check:
    """Buckets are shown as long as none of their newest tellings says that they expired."""
    buckets = [one for one in project.buckets.values() if one.fields["voucher_id"] == card.id]

    def check(status: int, body: Json) -> Iterator[str]:
        found = {one["id"]: one for one in body.get("data", [])}
        told = {bucket.id: bucket.newest("status") for bucket in buckets}
        certain = {id_ for id_, states in told.items() if "EXPIRED" not in states}
        possible = {id_ for id_, states in told.items() if set(states) != {"EXPIRED"}}
        if status != 200 or not certain <= found.keys() <= possible:
            yield f"status {status}, buckets {sorted(found)}, told were {told}"
            return
        for bucket in buckets:
            if bucket.id in found:
                yield from _fields(bucket, found[bucket.id])

    return check


def _tiers(project: Project, card: Thing) -> Check:
    def check(status: int, body: Json) -> Iterator[str]:
        holders = card.newest("holder_id")
        here = project.memberships.get((holders[0], card.fields["campaign_id"]))
        found = [one["id"] for one in body.get("data", [])]
        if status != 200:
            yield f"status {status} for the tiers of a card that is there"
        elif len(set(holders)) > 1:
            return
        elif here is None:
            if found:
                yield f"tiers {found} of one who is in none"
        elif not any(found == ([tier] if tier else []) for tier in here.newest("tier_id")):
            yield f"tiers {found}, told were {here.newest('tier_id')}"

    return check


def _redemption(project: Project, redemption: Thing) -> Check:
    rolled_back = rollbacks(project, redemption)

    def check(status: int, body: Json) -> Iterator[str]:
        skip = ("status",) if rolled_back else ()
        yield from _thing(redemption, skip)(status, body)
        if rolled_back and body.get("status") != "ROLLED_BACK":
            yield f"status is {body.get('status')} of what was rolled back"

    return check


def _list(name: str, project: Project) -> Check:
    things = project.publications
    if name == "vouchers":
        things = {id_: card for id_, card in project.cards.items() if is_there(project, card)}

    def check(status: int, body: Json) -> Iterator[str]:
        found = {one["id"]: one for one in body.get(name, [])}
        if status != 200 or found.keys() != things.keys() or body["total"] != len(things):
            yield f"status {status}, {name} {sorted(found)}, told were {sorted(things)}"
            return
        for id_, thing in things.items():
            yield from _fields(thing, found[id_], _BALANCES)

    return check


def _at(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body.get(name, _MISSING) if isinstance(body, Mapping) else _MISSING
    return body


def _equal(told: Any, found: Any) -> bool:
    if isinstance(told, At):
        return moment.parse(text(told, 3)) == moment.parse(found)
    return bool(told == found and type(told) is type(found))


def _shown(value: Any) -> str:
    return "not there" if value is _MISSING else repr(value)
