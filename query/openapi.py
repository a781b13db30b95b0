"""The OpenAPI document of what is served, made of the same table that routes.

It says which paths there are, what they take and how they answer. It holds nothing of the state and
is the same for everyone, so no key is asked for it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from query import waiting
from query.described import Answer, Parameter, Value
from query.paths import Path

Json = dict[str, Any]

_ABOUT: Final = """\
Voucherify's own GET paths, answered from a local copy that webhooks keep up to date. HEAD is
answered as GET, without a body. What was never told is absent. A path of Voucherify's API that is
not listed here answers 501 with the key `not_held_locally`, as does any method but GET and HEAD.
"""
_HEADERS: Final[Mapping[str, tuple[Json, str]]] = {
    "Voucherify-Sync-As-Of": (
        {"type": "string", "format": "date-time"},
        "The moment up to which the state is complete; absent before there is one.",
    ),
    "Voucherify-Sync-Incomplete": (
        {"type": "string"},
        "What is known to be missing of what the answer is about: `dead-letter`, `gap`.",
    ),
    "X-Request-Id": ({"type": "string"}, "The caller's, or a new one."),
    "Cache-Control": (
        {"type": "string"},
        "`no-store` where personal data may be in it, else `private, no-cache`.",
    ),
    "ETag": ({"type": "string"}, "The version of all that the answer is made of."),
    "Retry-After": ({"type": "string"}, "Seconds to wait before trying again."),
}
_ALWAYS: Final = ("Voucherify-Sync-As-Of", "X-Request-Id", "Cache-Control")
_FOUND: Final = (*_ALWAYS, "Voucherify-Sync-Incomplete", "ETag")
_REFUSALS: Final[Mapping[int, tuple[str, str, tuple[str, ...]]]] = {
    400: ("BadRequest", "A parameter or the path makes no sense, or is not supported.", _ALWAYS),
    401: ("Unauthorized", "No pair of X-App-Id and X-App-Token, or a wrong one.", _ALWAYS),
    404: (
        "NotFound",
        "Not there, or nobody told of it.",
        (*_ALWAYS, "Voucherify-Sync-Incomplete"),
    ),
    500: ("InternalError", "A defect; the log has the details.", _ALWAYS),
    501: ("NotHeldLocally", "A path that Voucherify's own API has to answer.", _ALWAYS),
    503: (
        "Unavailable",
        "The state can't be read, too much is asked at once, or the moment that was waited for "
        "did not come.",
        (*_ALWAYS, "Retry-After"),
    ),
}
_OF_EVERY_PATH: Final = (400, 401, 500, 503)
BESIDE: Final[Mapping[str, Json]] = {
    "total": {"type": "integer", "minimum": 0},
    "has_more": {"type": "boolean"},
    "more_starting_after": {"type": "string"},
    "quantity": {"type": ["integer", "null"]},
    "redeemed_quantity": {"type": ["integer", "null"]},
    "url": {"type": ["string", "null"]},
}
_ERROR: Final[Json] = {
    "type": "object",
    "required": ["code", "key", "message", "details", "request_id"],
    "properties": {
        "code": {"type": "integer"},
        "key": {"type": "string"},
        "message": {"type": "string"},
        "details": {"type": "string"},
        "request_id": {"type": "string"},
        "resource_type": {"type": "string"},
        "resource_id": {"type": "string"},
    },
}
_MOMENT: Final[Json] = {"type": "string", "format": "date-time"}
_PARAMETERS: Final[Mapping[str, Json]] = {
    "WaitAsOf": {
        "name": waiting.PARAMETER,
        "in": "query",
        "description": "Wait, for up to 10 s, until the state is complete up to this moment.",
        "schema": _MOMENT,
    },
    "Wait": {
        "name": waiting.HEADER,
        "in": "header",
        "description": "As `wait_as_of`; of two moments the later one counts.",
        "schema": _MOMENT,
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The tags of answers that the caller has; 304 if one of them is right.",
        "schema": {"type": "string"},
    },
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "What the request is to be called in answers and logs.",
        "schema": {"type": "string", "maxLength": 128},
    },
}


def document(paths: Iterable[Path], version: str) -> Json:
    """The document, as JSON values."""
    rows = tuple(paths)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "voucherify-sync query API",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"X-App-Id": [], "X-App-Token": []}],
        "paths": {row.template: {"get": _operation(row)} for row in rows},
        "components": {
            "securitySchemes": {
                name: {"type": "apiKey", "in": "header", "name": name}
                for name in ("X-App-Id", "X-App-Token")
            },
            "parameters": dict(_PARAMETERS),
            "headers": {
                name: {"description": text, "schema": schema}
                for name, (schema, text) in _HEADERS.items()
            },
            "responses": {
                name: _response(text, headers, _ref("schemas", "Error"))
                for name, text, headers in _REFUSALS.values()
            },
            "schemas": {"Error": _ERROR, **_schemas(rows)},
        },
    }


def _operation(row: Path) -> Json:
    given = [_parameter(one) for one in row.parameters]
    statuses = [*_OF_EVERY_PATH, *([404] if "{" in row.template else [])]
    return {
        "operationId": _name(row),
        "summary": row.summary,
        "tags": [row.template.split("/")[2]],
        "parameters": [*given, *(_ref("parameters", name) for name in _PARAMETERS)],
        "responses": {
            "200": _response("Found.", _FOUND, _schema(row.answers)),
            "304": _response("The caller has it already.", _FOUND, None),
            **{str(one): _ref("responses", _REFUSALS[one][0]) for one in sorted(statuses)},
        },
    }


def _name(row: Path) -> str:
    """`get` and the template's words: unique as the template is."""
    words = row.template.replace("{", " ").replace("}", " ").replace("-", " ").replace("/", " ")
    return "get" + "".join(word[0].upper() + word[1:] for word in words.split()[1:])


def _parameter(one: Parameter) -> Json:
    value = _value(one.value)
    described: Json = {"name": one.name, "in": one.where}
    if one.where == "path":
        # Any text but none, percent-encoded as one segment.
        return described | {"required": True, "schema": value | {"minLength": 1}}
    if one.repeated:
        return described | {"schema": {"type": "array", "items": value, "minItems": 1}}
    return described | {"schema": value}


def _value(value: Value) -> Json:
    if value.type in ("date", "date-time"):
        return {"type": "string", "format": value.type}
    described: Json = {"type": value.type}
    if value.choices:
        described["enum"] = list(value.choices)
    for name in ("minimum", "maximum", "default"):
        if getattr(value, name) is not None:
            described[name] = getattr(value, name)
    return described


def _schema(answers: Answer) -> Json:
    thing = _ref("schemas", answers.schema)
    if answers.data_ref is None:
        return thing
    return {
        "type": "object",
        "required": ["object", "data_ref", answers.data_ref],
        "properties": {
            "object": {"type": "string", "const": "list"},
            "data_ref": {"type": "string", "const": answers.data_ref},
            answers.data_ref: {"type": "array", "items": thing},
            **{name: BESIDE[name] for name in answers.beside},
        },
    }


def _schemas(rows: Iterable[Path]) -> Json:
    """The objects by name; what they hold is documented by Voucherify, and told by its webhooks."""
    names = sorted({row.answers.schema for row in rows})
    return {
        name: {
            "type": "object",
            "description": "As in Voucherify's API v2018-08-01, as far as it was told.",
            "properties": {"id": {"type": "string"}, "object": {"type": "string"}},
            "additionalProperties": True,
        }
        for name in names
    }


def _response(text: str, headers: Iterable[str], schema: Json | None) -> Json:
    described: Json = {
        "description": text,
        "headers": {name: _ref("headers", name) for name in headers},
    }
    if schema is not None:
        described["content"] = {"application/json": {"schema": schema}}
    return described


def _ref(section: str, name: str) -> Json:
    return {"$ref": f"#/components/{section}/{name}"}
