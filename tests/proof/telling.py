"""Webhooks of the small world: written at once, in every shape in which the vendor sends them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from schemas import jsontext
from tests.proof.things import At, Form, Json, Says, Thing, text

_SLIM: Final = {"voucher": ("code",), "customer": ("source_id",)}
"""What never changes: a form of nothing else needs no moment."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A delivery; `name` is the same in every history in which the same thing happens."""

    name: str
    body: bytes
    entry: tuple[str, str] | None = None
    """The project and id of the ledger entry that it tells of."""


@dataclass(slots=True)
class Teller:
    """Writes down what the world tells."""

    webhooks: list[Webhook] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=dict)

    def project(
        self,
        project: str,
        now: int,
        type_: str,
        data: Json,
        *,
        about: Collection[Thing] = (),
        begins: Collection[Thing] = (),
    ) -> None:
        """By the project's webhook. What is not `about` and does not begin is told beside."""
        for form in _forms(data):
            form.note(now, _says(form.thing, about, begins))
        told = _Told(data, data, "webhook", type_)
        self._write(project, now, type_, told)

    def distribution(
        self,
        project: str,
        now: int,
        type_: str,
        data: Json,
        design: int,
        *,
        about: Collection[Thing] = (),
        begins: Collection[Thing] = (),
    ) -> None:
        """By a distribution, in a design that leaves things or fields of them out."""
        designed = _designed(data, design)
        for form in _forms(designed):
            form.note(now, _says(form.thing, about, begins))
        top = ("", "voucher.deleted")[design % 2]
        self._write(project, now, type_, _Told(data, designed, "distribution", top))

    def _write(self, project: str, now: int, type_: str, told: "_Told") -> None:
        entity = _id(told.whole)
        name = f"{project} {told.source} {type_} {entity}"
        count = self._names[name] = self._names.get(name, 0) + 1
        digits = 6 if len(self.webhooks) % 3 == 0 else 3
        envelope = {
            "id": f"whs_{len(self.webhooks)}",
            "project_id": project,
            "created_at": At(now + 40),
            "type": told.top,
            "data": told.data,
            "source": {"object": told.source, "id": "wh_1", "target_url": "https://sync.example/"},
            "event": {
                "id": f"ev_{len(self.webhooks)}",
                "type": type_,
                "created_at": At(now),
                "entity_id": entity,
                "event_source": {"channel": "API"},
            },
        }
        body = jsontext.encode(_written(envelope, digits))
        entry = told.whole.get("transaction")
        of_entry = (project, entry["id"]) if entry else None
        self.webhooks.append(Webhook(f"{name} {count}", body, of_entry))


@dataclass(frozen=True, slots=True)
class _Told:
    """A payload: all that there was to tell, what of it is told, by what sort of webhook."""

    whole: Json
    data: Json
    source: str
    top: str


def _says(thing: Thing, about: Collection[Thing], begins: Collection[Thing]) -> Says:
    if thing in begins:
        return Says.BEGINS
    return Says.ABOUT if thing in about else Says.BESIDE


def _forms(value: Any) -> Iterator[Form]:
    """The forms in a payload that are told as things; what stands inside another is that one's."""
    if isinstance(value, Form):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _forms(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _forms(inner)


def _designed(data: Json, design: int) -> Json:
    """What a marketer made of a payload; what changes keeps the moment that says of when it is."""
    if design % 4 == 0:
        return data
    if design % 4 == 1:
        missing = ("campaign", "holder", "customer") if design & 4 else ("campaign", "holder")
        return {name: value for name, value in data.items() if name not in missing}
    if design % 4 == 2:
        return {name: _slim(value) for name, value in data.items()}
    return {name: _thinned(value, design) for name, value in data.items()}


def _slim(value: Any) -> Any:
    if not isinstance(value, Form) or value.thing.kind not in (*_SLIM, "campaign"):
        return value
    slim = value.thinned(_SLIM.get(value.thing.kind, ()))
    slim.pop("updated_at", None)
    return slim


def _thinned(value: Any, design: int) -> Any:
    """Without every second field, or the other half."""
    if not isinstance(value, Form):
        return value
    kept = [path for number, path in enumerate(value.shown) if (number + design // 4) % 2]
    return value.thinned(kept)


def _id(data: Json) -> str:
    return next((one["id"] for one in data.values() if isinstance(one, dict) and "id" in one), "-")


def _written(value: Any, digits: int) -> Any:
    if isinstance(value, At):
        return text(value, digits)
    if isinstance(value, dict):
        return {name: _written(inner, digits) for name, inner in value.items()}
    if isinstance(value, list):
        return [_written(inner, digits) for inner in value]
    return value
