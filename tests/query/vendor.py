"""Checks answers against the vendor's own specification, which lies beside the project, not in it.

Understands as much of JSON Schema as that specification uses. Formats are not checked.
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


def mistakes(path: str, answer: Any, *, required: bool = False) -> list[str]:
    """Where an answer to a GET of a path (a template) is not as the vendor's would be.

    What is `required` has to be there in the objects that the answer is or lists.
    """
    spec = specification("api-v2018-08-01")
    answers = spec["paths"][path]["get"]["responses"]["200"]
    schema = answers["content"]["application/json"]["schema"]
    found = list(_check(spec, schema, answer, "$"))
    return found + (list(_missing(spec, schema, answer, "$")) if required else [])


def _check(spec: Schema, schema: Schema, value: Any, at: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from _check(spec, _resolved(spec, schema), value, at)
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


@cache
def null_in_examples() -> frozenset[str]:
    """Fields that are null in the vendor's own example answers, against its schemas."""
    found: set[str] = set()
    for path, methods in specification("api-v2018-08-01")["paths"].items():
        answers = methods.get("get", {}).get("responses", {}).get("200", {})
        content = answers.get("content", {}).get("application/json", {})
        for example in content.get("examples", {}).values():
            found.update(map(null_at, mistakes(path, example.get("value"))))
    return frozenset(found - {""})


def null_at(mistake: str) -> str:
    """The name of the field of which a mistake says that it is null."""
    at, _, what = mistake.partition(" ")
    return at.rpartition(".")[2] if what == "is null" else ""


def _missing(spec: Schema, schema: Schema, value: Any, at: str) -> Iterator[str]:
    """Required fields that are not there: not those of what is told within an object."""
    schema = _resolved(spec, schema)
    for part in schema.get("allOf", ()):
        yield from _missing(spec, part, value, at)
    alternatives = [list(_missing(spec, part, value, at)) for part in schema.get("oneOf", ())]
    if alternatives and all(alternatives):
        yield from min(alternatives, key=len)
    if not isinstance(value, dict):
        return
    yield from (
        f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value
    )
    things = value.get(value.get("data_ref", ""), ()) if at == "$" else ()
    items = _resolved(spec, schema.get("properties", {}).get(value.get("data_ref", ""), {}))
    for number, thing in enumerate(things):
        yield from _missing(spec, items.get("items", {}), thing, f"$[{number}]")


def _resolved(spec: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        target: Any = spec
        for name in schema["$ref"].split("/")[1:]:
            target = target[name]
        schema = target
    return schema


def _may_be_null(schema: Schema) -> bool:
    """Fields without a type of their own (unions, references) are null where nothing is known."""
    return bool(schema.get("nullable")) or "type" not in schema
