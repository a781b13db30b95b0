"""A request, read from ASGI's scope, and what becomes known of it on its way."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from secrets import token_hex
from typing import Final
from urllib.parse import quote

from starlette.types import Scope

from state.reader import Standing

_UNROUTED: Final = "other"
_PROCESS: Final = token_hex(6)
_NUMBERS: Final = count(1)
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")


@dataclass(slots=True)
class Request:
    """`standing` is None until the state was asked; `personal` holds until the path says else."""

    method: str
    path: str
    raw_path: bytes
    query_string: bytes
    headers: Mapping[bytes, bytes]
    id: str
    route: str = _UNROUTED
    personal: bool = True
    standing: Standing | None = None
    incomplete: Sequence[str] = ()
    etag: bytes | None = None


def read(scope: Scope) -> Request:
    """The request; its body, if there is one, is never read."""
    headers = dict(scope["headers"])
    given = headers.get(b"x-request-id", b"")
    raw_path = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    return Request(
        method=scope["method"],
        path=scope["path"],
        raw_path=raw_path,
        query_string=scope["query_string"],
        headers=headers,
        id=given.decode("ascii") if _REQUEST_ID.fullmatch(given) else _next_id(),
    )


def _next_id() -> str:
    """No other request has it: chance tells processes apart, a number the requests of one."""
    return f"{_PROCESS}{next(_NUMBERS):012x}"
