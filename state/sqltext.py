"""Text as databases can hold it.

Ids and names are any Unicode that JSON can spell, a NUL and lone surrogates included; SQL text
holds neither. Both are escaped, so that different texts stay different. SQLite keeps documents as
they are, as JSON text, which has escapes of its own; PostgreSQL reads those escapes when it looks
into a document, so there the texts within documents are escaped in the same way.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from schemas import jsontext

_UNSAFE: Final = re.compile("[\\\\\0\ud800-\udfff]")
_ESCAPED: Final = re.compile(r"\\([0-9a-f]{4})")
_LONGEST: Final = 250
_MOST_BYTES: Final = 620
_DIGEST: Final = 66
_SURELY_SHORT: Final = _MOST_BYTES // 4

KEEPING_ORDER: Final = (_MOST_BYTES - _DIGEST) // 4
"""Of how many characters the order of texts is that of the shortened ones."""


def escape(text: str) -> str:
    """The text with NUL, lone surrogates and the backslash itself as `\\xxxx`."""
    if text.isprintable() and "\\" not in text:  # nearly every text, in a third of the time
        return text
    return _UNSAFE.sub(lambda match: f"\\{ord(match[0]):04x}", text)


def unescape(text: str) -> str:
    """The text that `escape` escaped."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def shorten(escaped: str) -> str:
    """Escaped text that fits into an index, where it must: very long text ends in its digest.

    An index of PostgreSQL holds 2,704 bytes in all, and four texts at most. No escaped text looks
    like a shortened one.
    """
    if len(escaped) <= _SURELY_SHORT:
        return escaped
    encoded = escaped.encode()
    if len(escaped) <= _LONGEST and len(encoded) <= _MOST_BYTES:
        return escaped
    beginning = escaped[: _LONGEST - _DIGEST].encode()[: _MOST_BYTES - _DIGEST]
    return f"{beginning.decode(errors='ignore')}\\+{sha256(encoded).hexdigest()}"


def escape_document(text: bytes) -> str:
    """JSON text in which no string needs an escape that SQL text can't hold."""
    if b"\\" not in text or (b"\\\\" not in text and b"\\u" not in text):
        return text.decode()
    return jsontext.encode(_each_text(jsontext.decode(text), escape)).decode()


def unescape_document(text: str) -> bytes:
    """The JSON text that `escape_document` escaped."""
    if "\\" not in text or "\\\\" not in text:
        return text.encode()
    return jsontext.encode(_each_text(jsontext.decode(text.encode()), unescape))


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(item, change) for item in value]
    if isinstance(value, dict):
        return {change(name): _each_text(item, change) for name, item in value.items()}
    return value
