"""From a payload to the bytes on the wire, and their signature."""

import hashlib
import hmac
import json
import re
from typing import Any

from voucherify_sync.simulator.moments import At, text

Json = dict[str, Any]

_LIVE = frozenset((At, dict, list))
"""Types of values that are not written as they are."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def written(value: Any, digits: int = 3) -> Any:
    """A copy of the value with its moments as text; what changes later does not change the copy."""
    if isinstance(value, At):
        return text(value, digits)
    if isinstance(value, dict):
        return {
            name: written(inner, digits) if type(inner) in _LIVE else inner
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [written(inner, digits) for inner in value]
    return value


def encode(value: Any) -> bytes:
    """Compact JSON in UTF-8, with an escape for a lone surrogate, as JSON.stringify writes it."""
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", compact).encode()


def signature(secret: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the body, for the header `x-voucherify-signature`."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
