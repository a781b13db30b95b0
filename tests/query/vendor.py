"""Checks answers against the vendor's own specification, which lies beside the project, not in it.

Understands as much of JSON Schema as that specification uses. Formats are not checked, and required
fields neither: what nobody told us is absent.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[3] / "shared" / "voucherify"
IS_THERE: Final = FOLDER.is_dir()

Schema = dict[str, Any]

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


@cache
def specification(name: str) -> Schema:
    """One of the vendor's specifications."""
    loaded: Schema = json.loads((FOLDER / f"{name}.openapi.json").read_text())
    return loaded


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """The example payloads of webhooks, with the names of their event types."""
    for webhook in specification("webhooks-v2024-01-01")["webhooks"].values():
        content = webhook["post"]["requestBody"]["content"]["application/json"]
        for name, example in content.get("examples", {}).items():
            yield name, example["value"]


def mistakes(path: str, answer: Any) -> list[str]:
    """Where an answer to a GET of a path (a template) is not as the vendor's would be."""
    spec = specification("api-v2018-08-01")
    answers = spec["paths"][path]["get"]["responses"]["200"]
    return list(_check(spec, answers["content"]["application/json"]["schema"], answer, "$"))


def _check(spec: Schema, schema: Schema, value: Any, at: str) -> Iterator[str]:
    if "$ref" in schema:
        target: Any = spec
        for name in schema["$ref"].split("/")[1:]:
            target = target[name]
        yield from _check(spec, target, value, at)
        return
    if value is None:
        if not _may_be_null(schema):
            yield f"{at} is null"
        return
    for part in schema.get("allOf", ()):
        yield from _check(spec, part, value, at)
    for name in ("oneOf", "anyOf"):
        found = [list(_check(spec, part, value, at)) for part in schema.get(name, ())]
        if found and all(found):
            yield from min(found, key=len)
    yield from _check_here(spec, schema, value, at)


def _check_here(spec: Schema, schema: Schema, value: Any, at: str) -> Iterator[str]:
    type_ = schema.get("type")
    if isinstance(type_, str) and (
        not isinstance(value, _TYPES[type_]) or (isinstance(value, bool) and type_ != "boolean")
    ):
        yield f"{at} is no {type_}: {value!r}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is none of {schema['enum']}: {value!r}"
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _check(spec, schema["items"], item, f"{at}[{number}]")
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from _check(spec, inner, value[name], f"{at}.{name}")


def _may_be_null(schema: Schema) -> bool:
    """Fields without a type of their own (unions, references) are null where nothing is known."""
    return bool(schema.get("nullable")) or "type" not in schema
