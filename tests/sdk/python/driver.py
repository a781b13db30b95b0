"""Calls Voucherify's SDK for Python as an application would; runs in the SDK's own environment.

Reads a question a line and writes an answer a line, both JSON. Of the API classes it knows nothing
but how they are generated, so that a new one is found by itself.
"""

import inspect
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import voucherify.api
from pydantic_core import to_jsonable_python
from voucherify import ApiClient, ApiException, Configuration

_GET = re.compile(r"method='GET',\s*resource_path='([^']+)'")


@cache
def client(url: str, app_id: str, token: str) -> ApiClient:
    """The SDK's client with a base URL that is not Voucherify's, which is all that it takes."""
    keys = {"X-App-Id": app_id, "X-App-Token": token}
    return ApiClient(Configuration(host=url, api_key=keys))


@cache
def methods() -> dict[str, str]:
    """Every method of the SDK that reads, with its path."""
    apis = inspect.getmembers(voucherify.api, inspect.isclass)
    return {f"{name}.{method}": path for name, api in apis for method, path in _reads(api)}


def _reads(api: type) -> Iterator[tuple[str, str]]:
    source = inspect.getsource(inspect.getmodule(api) or api)
    for part in source.split("    def _")[1:]:
        found = _GET.search(part)
        if found:
            yield part.partition("_serialize(")[0], found[1]


def call(asked: dict[str, Any]) -> dict[str, Any]:
    """The object that a method returns, as the SDK writes it; or what it raises."""
    api_name, _, name = asked["method"].partition(".")
    api = getattr(voucherify.api, api_name)(client(*asked["client"]))
    try:
        answer = getattr(api, f"{name}_with_http_info")(**asked["arguments"])
    except ApiException as error:
        return {"status": error.status, "body": json.loads(error.body or "{}")}
    except ValueError as error:  # pydantic's, too
        return {"status": 0, "body": {"message": f"{type(error).__name__}: {error}"}}
    raw = json.loads(answer.raw_data)
    body = to_jsonable_python(answer.data.to_dict())
    return {"status": answer.status_code, "body": as_told(raw, body), "raw": raw}


def as_told(raw: Any, value: Any) -> Any:
    """The object with None where null was answered, and only there.

    The SDK holds None for null and for what is absent, and writes some of either.
    """
    if isinstance(raw, dict) and isinstance(value, dict):
        nulls = {name: None for name, told in raw.items() if told is None}
        return nulls | {
            name: as_told(raw.get(name), each)
            for name, each in value.items()
            if each is not None or name in raw
        }
    if isinstance(raw, list) and isinstance(value, list) and len(raw) == len(value):
        return [as_told(told, each) for told, each in zip(raw, value, strict=True)]
    return value


def main() -> None:
    """Until the questions end."""
    for line in sys.stdin:
        asked = json.loads(line)
        found = methods() if asked["method"] == "" else call(asked)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
