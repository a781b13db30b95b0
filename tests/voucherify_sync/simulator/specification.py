"""The vendor's webhook specification, if it is at hand: which names a payload must and may hold.

It is not part of the project, so tests that need it are skipped where it is not there. The vendor's
own examples hold names that the schemas lack, and lack some that the schemas require; what an
example does is right for us too.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path("shared") / "voucherify" / "webhooks-v2024-01-01.openapi.json"

Problem = tuple[str, str]
"""Where and what: the last two names of the path, and `missing` or `unknown`."""


@cache
def specification() -> dict[str, Any] | None:
    """The specification, None where it is not at hand."""
    for folder in Path(__file__).resolve().parents:
        if (folder / _FILE).exists():
            found: dict[str, Any] = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            return found
    return None


def schema_of(event_type: str) -> dict[str, Any] | None:
    """The schema of an event type's payload, None for one that has none."""
    name = f"EVENTS.{event_type.upper()}".replace("BUSINESS_VALIDATION_RULE", "BUS_VAL_RULE")
    if event_type == "manual_distribution_schedule":
        name = "EVENTS.DISTRIBUTION.MANUAL_DISTRIBUTION_SCHEDULE"
    webhook = (specification() or {}).get("webhooks", {}).get(name)
    if webhook is None:
        return None
    content: dict[str, Any] = webhook["post"]["requestBody"]["content"]["application/json"]
    schema: dict[str, Any] = content["schema"]
    return schema


@cache
def vendors_own() -> frozenset[Problem]:
    """What the vendor's examples do against the vendor's schemas."""
    found: set[Problem] = set()
    for webhook in (specification() or {}).get("webhooks", {}).values():
        content = webhook["post"]["requestBody"]["content"]["application/json"]
        for example in content.get("examples", {}).values():
            found |= set(problems(example["value"], content["schema"]))
    return frozenset(found)


def problems(value: Any, schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[Problem]:
    """What is missing or unknown in a value, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from problems(item, _resolve(schema).get("items", {}), path)
    if not isinstance(value, dict):
        return
    properties, required, free = _shape(schema)
    for name in required - value.keys():
        yield ".".join((*path[-1:], name)), "missing"
    for name, inner in value.items():
        if name in properties:
            if name != "metadata":  # anybody's own names
                yield from problems(inner, properties[name], (*path, name))
        elif properties and not free and name not in required:
            yield ".".join((*path[-1:], name)), "unknown"


def _shape(schema: dict[str, Any]) -> tuple[dict[str, Any], set[str], bool]:
    """All properties, those required, and whether others are welcome."""
    schema = _resolve(schema)
    properties = dict(schema.get("properties", {}))
    required = set(schema.get("required", ()))
    free = isinstance(schema.get("additionalProperties"), dict)
    for part in schema.get("allOf", ()):
        inner, needed, also_free = _shape(part)
        properties |= inner
        required |= needed
        free |= also_free
    for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        inner, _, also_free = _shape(part)
        properties |= inner
        free |= also_free
    return properties, required, free


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        schema = (specification() or {})["components"]["schemas"][name]
    return schema
