"""Answers to what no route takes, in one JSON form that says what is wrong."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas import jsontext


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    key = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    body = {"code": error.status_code, "key": key, "message": error.detail}
    return Response(
        jsontext.encode(body),
        error.status_code,
        headers=error.headers,
        media_type="application/json",
    )


HANDLERS: Mapping[Any, Any] = {HTTPException: _refused}
