"""JSON Schemas for kubeconform, made from what Kubernetes and the definitions of others say.

Strict: what a schema does not name is an error, as it is for an API server that is asked to be.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from tests.deploy.go_tools import KUBERNETES, module_folder
from tests.deploy.resources import definitions

Schema = dict[str, Any]

LOCATION: Final = "{{ .ResourceKind }}-{{ .ResourceAPIVersion }}-{{ .Group }}.json"

_REFERENCE: Final = "#/definitions/"
_MARK: Final = "x-kubernetes-"
_EITHER: Final = {"oneOf": [{"type": "string"}, {"type": "number"}]}


def write(folder: Path) -> None:
    """A file for each kind, named as LOCATION says."""
    for kind, version, group, schema in (*_built_in(), *_custom()):
        name = f"{kind.lower()}-{version}-{group or version}.json"
        (folder / name).write_text(json.dumps(schema))


def _built_in() -> Iterator[tuple[str, str, str, Schema]]:
    path = module_folder("k8s.io/kubernetes", f"v{KUBERNETES}") / "api/openapi-spec/swagger.json"
    known = json.loads(path.read_text())["definitions"]
    for name, schema in known.items():
        kinds = schema.get(f"{_MARK}group-version-kind", [])
        if len(kinds) == 1 and "properties" in schema:
            reached = {one: _strict(known[one]) for one in _reached(known, name)}
            (kind,) = kinds
            made = {"$ref": _REFERENCE + name, "definitions": reached}
            yield kind["kind"], kind["version"], kind["group"], made


def _reached(known: Schema, name: str) -> set[str]:
    """This definition and all that it leads to."""
    found, new = set[str](), {name}
    while new:
        found |= new
        new = {one for name in new for one in _references(known[name])} - found
    return found


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(_REFERENCE)
        yield from _each(schema.values())
    elif isinstance(schema, list):
        yield from _each(schema)


def _each(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        yield from _references(value)


def _custom() -> Iterator[tuple[str, str, str, Schema]]:
    for path in definitions():
        for found in yaml.safe_load_all(path.read_text()):
            spec = found["spec"]
            for version in spec["versions"]:
                schema = _strict(version["schema"]["openAPIV3Schema"])
                yield spec["names"]["kind"], version["name"], spec["group"], schema


def _strict(schema: Any) -> Any:
    """The schema without room for what it does not name."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "int-or-string" or schema.get(f"{_MARK}int-or-string"):
        return _EITHER
    kept = {key: _strict(value) for key, value in schema.items() if not key.startswith(_MARK)}
    if isinstance(kept.get("properties"), dict) and not _is_open(schema):
        kept["additionalProperties"] = False
    return kept


def _is_open(schema: Schema) -> bool:
    return "additionalProperties" in schema or bool(schema.get(f"{_MARK}preserve-unknown-fields"))
