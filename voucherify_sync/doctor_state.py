"""The doctor's look at the state: reachable, of this version, caught up, complete; its clock."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from eventlog.log import LogUnavailableError
from schemas import moment
from state.store import (
    NotMigratedError,
    SchemaMismatchError,
    StateUnavailableError,
    StateWriter,
)
from voucherify_sync import positions
from voucherify_sync.clock import now_ms
from voucherify_sync.doctor_parts import Part
from voucherify_sync.findings import Finding, failure, ok, skipped, warning
from voucherify_sync.mending import opened_state, plural
from voucherify_sync.positions import Standpoint
from voucherify_sync.settings import Settings
from voucherify_sync.stores import open_reader, open_replay

_CLOCKS_APART_MS = 2_000
_AS_OF_OLD_MS = 60_000
_BEHIND = 10_000
_START = "start `voucherify-sync serve` or `handlers`"


async def look(settings: Settings, part: Part, *, log_is_whole: bool) -> AsyncIterator[Finding]:
    """All findings about the state that the settings name, as far as the part has one."""
    if not part.has_state:
        yield skipped("state", f"`{part.name}` needs none")
        return
    path = settings.state_path()
    if path is not None and not path.exists():
        yield warning("state", f"there is no database at {path} yet", "the first start makes it")
        return
    try:
        async with opened_state(settings) as state:
            yield ok("state", "reachable, and of this program's version")
            yield await _clock(state)
            if part.applies:
                for finding in await _lag(settings, state, log_is_whole):
                    yield finding
            yield await _as_of(settings)
            for finding in _missing(await state.count_dead_letters(), await _gaps(settings, state)):
                yield finding
    except NotMigratedError:
        yield warning("state", "nothing is in the database yet", "`voucherify-sync migrate`")
    except SchemaMismatchError as mismatch:
        yield failure("state", str(mismatch), "`voucherify-sync migrate` with the newer program")
    except StateUnavailableError as away:
        yield failure("state", str(away), "is it up, and are address, user and password right?")


async def _clock(state: StateWriter) -> Finding:
    """As-of is made by the database's clock, times of receipt by this one."""
    apart = now_ms() - await state.now()
    if abs(apart) < _CLOCKS_APART_MS:
        return ok("clock", "as the database's")
    return warning(
        "clock", f"{apart / 1000:+.1f} s from the database's", "run a time service on both"
    )


async def _lag(settings: Settings, state: StateWriter, log_is_whole: bool) -> list[Finding]:
    if not log_is_whole:
        return [skipped("lag", "there is no whole log to compare with", "see the lines about it")]
    try:
        log = open_replay(settings)
        try:
            found = await positions.standpoints(log.reader, state)
        finally:
            await log.close()
    except LogUnavailableError as away:
        return [failure("lag", str(away), "do what it says, then look again")]
    return list(judge_positions(found))


def judge_positions(found: Sequence[Standpoint]) -> Iterator[Finding]:
    """How far the log is applied, and whether what is next is still there."""
    lost = [one for one in found if one.target is not None]
    if lost:
        name, number = lost[0].partition
        yield failure(
            "lag",
            f"{plural(len(lost), 'position')} lost, such as {name}/{number}: the log no longer "
            "has what comes next, or is another one",
            "`voucherify-sync positions skip-lost`",
        )
    behind = sum(one.behind or 0 for one in found)
    if behind > _BEHIND:
        yield warning("lag", f"{plural(behind, 'record')} behind", f"wait, or {_START}")
    elif not lost:
        yield ok("lag", f"{plural(behind, 'record')} behind")


async def _as_of(settings: Settings) -> Finding:
    reader = open_reader(settings)
    try:
        standing = await reader.standing()
    finally:
        await reader.close()
    if standing.as_of is None:
        return warning("as-of", "nothing was ever complete", _START)
    age, told = standing.now - standing.as_of, moment.to_text(standing.as_of)
    if age > _AS_OF_OLD_MS:
        return warning("as-of", f"{told}, {age // 1000} s ago: no handlers keep up", _START)
    return ok("as-of", f"{told}, {max(0, age) / 1000:.1f} s ago")


async def _gaps(settings: Settings, state: StateWriter) -> int:
    return await state.count_gaps(known_for=1000 * settings.gap_wait)


def _missing(letters: Mapping[str, int], gaps: int) -> Iterator[Finding]:
    if letters:
        reason, _ = max(letters.items(), key=lambda one: one[1])
        yield warning(
            "dead letters",
            f"{plural(sum(letters.values()), 'event')} could not be applied, most often: {reason}",
            "`voucherify-sync dead-letters list`",
        )
    else:
        yield ok("dead letters", "none")
    if gaps:
        yield warning(
            "gaps", f"entries are missing at {plural(gaps, 'place')}", "`voucherify-sync gaps list`"
        )
    else:
        yield ok("gaps", "none")
