"""Moments: Voucherify's timestamps as whole milliseconds since 1970 in UTC.

Voucherify writes the same moment with three or with six fractional digits
(`…38.635Z`, `…38.635000Z`), so a millisecond is the finest step that can be compared.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def parse(text: object) -> int | None:
    """Milliseconds of an ISO 8601 text, None where it is none. Without a zone it is read as UTC."""
    return _parsed(text) if isinstance(text, str) else None


@lru_cache(maxsize=4_096)
def _parsed(text: str) -> int | None:
    """An event tells few moments, each of them several times."""
    try:
        return from_datetime(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def from_datetime(moment: datetime) -> int:
    """Whole milliseconds, rounded down, of a datetime; one without a zone is read as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MILLISECOND


def to_text(milliseconds: int) -> str:
    """ISO 8601 in UTC with three fractional digits, as Voucherify writes it."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_to_second(seconds)}.{rest:03d}Z"


@lru_cache(maxsize=1_024)
def _to_second(seconds: int) -> str:
    """Under load most moments that are written down share their second with others."""
    return (_EPOCH + timedelta(seconds=seconds)).isoformat().removesuffix("+00:00")
