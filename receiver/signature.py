"""Signing and verifying, the twins: HMAC-SHA256 of the body in lower-case hex.

The first thing done with a body. Nothing may look into a body that has not passed here.
"""

import hmac
import re
from collections.abc import Sequence
from typing import Final

HEADER: Final = b"x-voucherify-signature"

_HEX: Final = re.compile(rb"[0-9a-f]{64}")

# One match is a stretch of text without white space outside of strings, and what white space stands
# before it. Possessive, so that no text makes it go back: time is linear whatever is sent.
_STRETCH: Final = re.compile(
    rb"""
    [ \t\r\n]*+                                  # what is dropped
    (
        (?:
            [^ \t\r\n"]++                        # outside of strings
            | "(?:[^"\\]++|\\.)*+"?+             # a string, its escapes as they stand
        )*+
    )
    """,
    re.VERBOSE | re.DOTALL,
)


def sign(secret: bytes, body: bytes) -> bytes:
    """The signature of a body, as Voucherify sends it."""
    return hmac.digest(secret, body, "sha256").hex().encode("ascii")


def refusal(secrets: Sequence[bytes], body: bytes, signatures: Sequence[bytes]) -> str | None:
    """Why a body is not authentic under any of the secrets; None where it is.

    `signatures` are the values of all signature headers. What Voucherify signs is compact JSON
    text; where a proxy indented it, it is verified as it was before.
    """
    if not signatures:
        return "signature-missing"
    if len(signatures) > 1:
        return "signature-repeated"
    (signature,) = signatures
    if not _HEX.fullmatch(signature):
        return "signature-malformed"
    if _is_signed(secrets, body, signature):
        return None
    stripped = compact(body)
    if len(stripped) != len(body) and _is_signed(secrets, stripped, signature):
        return None
    return "signature-wrong"


def compact(text: bytes) -> bytes:
    """JSON text without the white space outside its strings; all else stays as it is spelled."""
    return b"".join(_STRETCH.findall(text))


def _is_signed(secrets: Sequence[bytes], body: bytes, signature: bytes) -> bool:
    """Compare under every secret, so that the time does not tell which one is right."""
    found = False
    for secret in secrets:
        found |= hmac.compare_digest(sign(secret, body), signature)
    return found
