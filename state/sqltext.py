"""Text as databases can hold it.

Ids and names are any Unicode that JSON can spell, a NUL and lone surrogates included; SQL text
holds neither. Both are escaped, so that different texts stay different. Documents need none of
this: they are kept as JSON text, which has escapes of its own.
"""

import re

_UNSAFE = re.compile("[\\\\\0\ud800-\udfff]")
_ESCAPED = re.compile(r"\\([0-9a-f]{4})")


def escape(text: str) -> str:
    """The text with NUL, lone surrogates and the backslash itself as `\\xxxx`."""
    return _UNSAFE.sub(lambda match: f"\\{ord(match[0]):04x}", text)


def unescape(text: str) -> str:
    """The text that `escape` escaped."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
