"""Two state databases compared: what `voucherify-sync diff` does, without its output.

Things of both are walked side by side in the order of their keys, a page of each in memory at a
time, whichever databases they are in. Compared is what was merged: every field with its value and
the stamp that holds it, whether the thing is gone, and what it is looked up by; then the gaps of
ledgers, where both looked for them, and the dead letters that are kept. Not compared is what says
how a state came to be: positions, as-of, when something was found.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas import jsontext
from state.facts import Stamp
from state.kept import FIRST, GAP, NOT_KNOWN, Beside, Kept, StateContent, StoredKey
from state.sqltext import shorten

AT_ONCE: Final = 1_000

ONLY_IN_FIRST: Final = "only in the first"
ONLY_IN_SECOND: Final = "only in the second"
GONE_IN_FIRST: Final = "gone in the first"
GONE_IN_SECOND: Final = "gone in the second"
VALUE: Final = "values differ"
STAMP: Final = "told at different moments"
LOOKED_UP: Final = "looked up by different values"

Progress = Callable[[int], None]
"""Called with the number of things compared so far."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of a thing, or of one field of it; `first` and `second` are personal data.

    Gaps are of a kind `gap`, by their card and the entry before them, dead letters of a kind `dead
    letter`, by their place.
    """

    project: str
    kind: str
    id: str
    field: str
    what: str
    first: Any = None
    second: Any = None


Group = Mapping[StoredKey, Kept]


async def differences(
    first: StateContent, second: StateContent, progress: Progress = lambda _: None
) -> AsyncIterator[Difference]:
    """All differences of things by project, kind, id and field, then those of what is beside them.

    Raises StateUnavailableError.
    """
    compared = 0
    async for one, other in _side_by_side(_groups(first), _groups(second)):
        for key in sorted({*one, *other}):
            for difference in _of_thing(one.get(key), other.get(key)):
                yield difference
        compared += max(len(one), len(other))
        progress(compared)
    for difference in _of_what_is_beside(await first.beside(), await second.beside()):
        yield difference


async def _groups(content: StateContent) -> AsyncIterator[tuple[StoredKey, Group]]:
    """All things; those together whose order depends on the database, nearly always one alone."""
    beginning: StoredKey | None = None
    group: dict[StoredKey, Kept] = {}
    after = FIRST
    while page := await content.things(after, AT_ONCE):
        for kept in page:
            if kept.beginning != beginning:
                if beginning is not None:
                    yield beginning, group
                beginning, group = kept.beginning, {}
            group[kept.key] = kept
        after = page[-1].place
    if beginning is not None:
        yield beginning, group


async def _side_by_side(
    first: AsyncIterator[tuple[StoredKey, Group]], second: AsyncIterator[tuple[StoredKey, Group]]
) -> AsyncIterator[tuple[Group, Group]]:
    """The groups of both by their beginnings, an empty one where only the other has any."""
    one, other = await anext(first, None), await anext(second, None)
    while one or other:
        here = min(group[0] for group in (one, other) if group)
        is_first, is_second = bool(one and one[0] == here), bool(other and other[0] == here)
        yield one[1] if one and is_first else {}, other[1] if other and is_second else {}
        one = await anext(first, None) if is_first else one
        other = await anext(second, None) if is_second else other


def _of_what_is_beside(
    first: Mapping[Beside, Any], second: Mapping[Beside, Any]
) -> Iterator[Difference]:
    not_known = {
        (key.project, key.kind, key.id)
        for side in (first, second)
        for key, told in side.items()
        if key.kind == GAP and told == NOT_KNOWN
    }
    for key in sorted(first.keys() | second.keys()):
        if key[:3] in not_known:
            continue
        if key not in first or key not in second:
            what = ONLY_IN_FIRST if key in first else ONLY_IN_SECOND
        elif first[key] != second[key]:
            what = VALUE
        else:
            continue
        yield Difference(*key, what, first.get(key), second.get(key))


def _of_thing(first: Kept | None, second: Kept | None) -> Iterator[Difference]:
    kept = first or second
    if kept is None:
        return
    if first is None or second is None:
        yield Difference(*kept.names, "", ONLY_IN_SECOND if first is None else ONLY_IN_FIRST)
    elif first.row.gone != second.row.gone:
        yield Difference(*kept.names, "", GONE_IN_FIRST if first.row.gone else GONE_IN_SECOND)
    else:
        yield from _of_fields(first, second)
        yield from _of_lookups(first, second)


def _of_fields(first: Kept, second: Kept) -> Iterator[Difference]:
    if first.row == second.row and _text(first) == _text(second):
        return
    stamps, others = _stamps(first), _stamps(second)
    for path in sorted(stamps.keys() | others.keys()):
        if path not in others or path not in stamps:
            what = ONLY_IN_FIRST if path in stamps else ONLY_IN_SECOND
        elif _spelt(first.row.fields[path]) != _spelt(second.row.fields[path]):
            what = VALUE
        elif stamps[path] != others[path]:
            what = STAMP
        else:
            continue
        yield Difference(*first.names, path, what, _told(first, path), _told(second, path))


def _of_lookups(first: Kept, second: Kept) -> Iterator[Difference]:
    columns = zip(first.lookups._fields, first.lookups, second.lookups, strict=True)
    for column, value, other in columns:
        if _short(value) != _short(other):
            yield Difference(*first.names, f"({column})", LOOKED_UP, value, other)


def _stamps(kept: Kept) -> Mapping[str, Stamp]:
    return {path: stamp for stamp, paths in kept.row.stamps.items() for path in paths}


def _text(kept: Kept) -> bytes:
    """All values, spelt: Python takes 1, 1.0 and true for equal."""
    return jsontext.canonical(kept.row.fields)


def _spelt(value: Any) -> bytes:
    return jsontext.canonical(value)


def _told(kept: Kept, path: str) -> Any:
    """A field's value with its stamp; None where it is not kept."""
    if path not in kept.row.fields:
        return None
    return {"value": kept.row.fields[path], "stamp": kept.row.stamp_of(path)}


def _short(value: Any) -> Any:
    return shorten(value) if isinstance(value, str) else value
