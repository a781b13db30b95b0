"""What holds of a customer since an event's moment: being in a segment, having given a consent."""

from collections.abc import Iterator

from handlers.loyalty import membership_id
from handlers.telling import Object, Telling, Tells, text
from state import kinds
from state.facts import Fact, Observed, Rank, Stamp


def entered_segment(path: str = "segment") -> Tells:
    """The customer is in the segment at the path."""
    return _segment(path, Rank.SUBJECT, is_member=True)


def left_segment(path: str = "segment") -> Tells:
    """The customer is not in the segment any more; within one millisecond one leaves last."""
    return _segment(path, Rank.ENDED, is_member=False)


def _segment(path: str, rank: Rank, *, is_member: bool) -> Tells:
    def make(telling: Telling) -> Iterator[Fact]:
        for segment in telling.objects(path):
            fields = {"segment_id": segment["id"], "is_member": is_member}
            yield from _holds(telling, kinds.SEGMENT_MEMBERSHIP, segment["id"], rank, fields)

    return Tells(path, kinds.SEGMENT_MEMBERSHIP, make, says="membership")


def consents(rank: Rank, *, is_given: bool) -> Tells:
    """The customer gave or revoked the consents: a list of them or of their ids, or one by id."""

    def make(telling: Telling) -> Iterator[Fact]:
        for id_, told in _consents(telling.data.get("consents")):
            fields = {**told, "consent_id": id_, "is_given": is_given}
            yield from _holds(telling, kinds.CONSENT, id_, rank, fields)

    return Tells("consents", kinds.CONSENT, make)


def _consents(told: object) -> Iterator[tuple[str, Object]]:
    if isinstance(told, dict):
        for id_, one in told.items():
            yield id_, one if isinstance(one, dict) else {"value": one}
    for one in told if isinstance(told, list) else ():
        id_ = text(one, "id") if isinstance(one, dict) else one
        if isinstance(id_, str):
            yield id_, one if isinstance(one, dict) else {}


def _holds(telling: Telling, kind: str, other: str, rank: Rank, fields: Object) -> Iterator[Fact]:
    customer = telling.customer_id()
    if customer is not None:
        yield Observed(
            telling.thing(kind, membership_id(customer, other)),
            Stamp(telling.told, rank, telling.told),
            {**fields, "customer_id": customer},
        )
