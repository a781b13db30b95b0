"""Full payloads made from the vendor's schemas: every property, each with a value of its own.

The specification is not part of the project: without it beside the checkout there are none.
"""

import json
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

SPECIFICATION = (
    Path(__file__).parents[3] / "shared" / "voucherify" / "webhooks-v2024-01-01.openapi.json"
)
VARIANTS = 8
"""As many alternatives as the schemas have at any one place, at most."""

_FIRST = 100_001
"""Numbers from here on, and texts that end in one, are made for one property each."""

_CONSTANTS = frozenset({"object", "type", "related_object_type", "object_type"})
"""Properties whose documented values say what a thing is; others may as well be any text."""


@cache
def specification() -> Any:
    """The vendor's specification of webhooks."""
    return json.loads(SPECIFICATION.read_text())


def event_schemas() -> dict[str, Any]:
    """The schema of each event's payload, by its type."""
    if not SPECIFICATION.exists():
        return {}
    return {
        _event_type(name): hook["post"]["requestBody"]["content"]["application/json"]["schema"]
        for name, hook in specification()["webhooks"].items()
    }


def _event_type(name: str) -> str:
    spelt = name.removeprefix("EVENTS.").lower().removeprefix("distribution.")
    return spelt.replace("bus_val_rule", "business_validation_rule")


def payload(schema: Any, variant: int) -> dict[str, Any]:
    """A payload with every property of the schema, of one of its alternatives at each place."""
    made = _Maker(variant).value(schema, "", ())
    assert isinstance(made, dict)
    return made


def is_distinct(value: Any) -> bool:
    """Whether a value was made for one property, and stands nowhere else in its payload."""
    if isinstance(value, str):
        return value.rpartition("-")[2].isdigit() or value.startswith("2025-01")
    return not isinstance(value, bool) and isinstance(value, int) and value >= _FIRST


class _Maker:
    """Makes the values of one payload."""

    def __init__(self, variant: int) -> None:
        self._variant = variant
        self._numbers: Iterator[int] = count(_FIRST)

    def value(self, schema: Any, name: str, above: tuple[str, ...]) -> Any:
        while "$ref" in schema:
            referred = schema["$ref"].rpartition("/")[2]
            if referred in above:
                return None  # schemas that hold themselves end here
            above = (*above, referred)
            schema = specification()["components"]["schemas"][referred]
        parts = list(schema.get("allOf", ()))
        alternatives = (schema[word] for word in ("oneOf", "anyOf") if word in schema)
        parts += [of_these[self._variant % len(of_these)] for of_these in alternatives]
        values = [self.value(part, name, above) for part in parts]
        if schema.get("properties") or schema.get("additionalProperties"):
            values.append(self._object(schema, above))
        objects = [value for value in values if isinstance(value, dict)]
        if objects:
            return {key: value for made in objects for key, value in made.items()}
        found = [value for value in values if value is not None]
        return found[-1] if found else self._plain(schema, name, above)

    def _object(self, schema: Any, above: tuple[str, ...]) -> dict[str, Any]:
        made = {
            name: self.value(inner, name, above)
            for name, inner in schema.get("properties", {}).items()
        }
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and not made:
            made[f"key_{next(self._numbers)}"] = self.value(more, "", above)
        return {name: value for name, value in made.items() if value is not None}

    def _plain(self, schema: Any, name: str, above: tuple[str, ...]) -> Any:
        number = next(self._numbers)
        if "items" in schema:
            return [self.value(schema["items"], name, above)]
        if schema.get("enum") and name in _CONSTANTS:
            return schema["enum"][self._variant % len(schema["enum"])]
        match schema.get("type"):
            case "integer" | "number":
                return number
            case "boolean":
                return bool(number % 2)
            case "array":
                return [f"item-{number}"]
            case "object":
                return {f"key_{number}": f"value-{number}"}
        if schema.get("format") == "date-time" or name.endswith("_at") or name == "date":
            minutes, seconds = divmod(number - 100_000, 60)
            hours, minutes = divmod(minutes, 60)
            return f"2025-01-{1 + hours:02d}T10:{minutes:02d}:{seconds:02d}.000Z"
        return f"text-{number}"
