"""The OpenAPI document says what the table says, and the page that shows it needs nobody else."""

import re
from collections.abc import AsyncIterator, Iterator
from importlib.resources import files
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from query import documents, openapi
from query.routes import TABLE

PAGE = ("/docs", "/docs/page.css", "/docs/page.js")


@pytest.fixture
async def asking() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the documents alone, without a key."""
    transport = httpx.ASGITransport(Starlette(routes=documents.routes(TABLE, "1.2.3")))
    async with httpx.AsyncClient(transport=transport, base_url="http://query.example") as client:
        yield client


def references(value: Any) -> Iterator[str]:
    """All that the document refers to in itself."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_path_of_the_table_is_described() -> None:
    """With its parameters and an id of its own; nothing else is."""
    document = openapi.document(TABLE, "1")

    assert {path.template for path in TABLE} == document["paths"].keys()
    ids = [methods["get"]["operationId"] for methods in document["paths"].values()]
    assert len(ids) == len(set(ids))
    for path in TABLE:
        described = document["paths"][path.template]["get"]
        given = {(one["in"], one["name"]) for one in described["parameters"] if "name" in one}
        assert {(one.where, one.name) for one in path.parameters} == given
        assert ("404" in described["responses"]) == ("{" in path.template)


def test_every_reference_leads_somewhere() -> None:
    """Within the document."""
    document = openapi.document(TABLE, "1")
    found = set(references(document))

    assert "#/components/headers/Voucherify-Sync-As-Of" in found
    for reference in found:
        at = document
        for name in reference.removeprefix("#/").split("/"):
            at = at[name]


def test_all_that_stands_beside_a_list_is_described() -> None:
    """A new property needs a row of its own."""
    beside = {name for path in TABLE for name in path.answers.beside}

    assert beside <= openapi.BESIDE.keys()


async def test_the_document_is_served(asking: httpx.AsyncClient) -> None:
    """Of this version; in gzip too, and not again to who has it."""
    answer = await asking.get("/openapi.json")
    plain = await asking.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    known = await asking.get("/openapi.json", headers={"If-None-Match": answer.headers["etag"]})

    assert "application/json" == answer.headers["content-type"]
    assert "gzip" == answer.headers["content-encoding"]
    assert "content-encoding" not in plain.headers
    assert plain.json() == answer.json() == openapi.document(TABLE, "1.2.3")
    assert (304, b"") == (known.status_code, known.content)


async def test_the_page_works_offline(asking: httpx.AsyncClient) -> None:
    """All that it loads lies beside it, and the browser is told to load nothing else."""
    for path in PAGE:
        answer = await asking.get(path)
        assert 200 == answer.status_code
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "nosniff" == answer.headers["x-content-type-options"]
        assert not re.search(r"https?:|//[a-z]+\.", answer.text.replace("// Shows", ""))

    page = (await asking.get("/docs")).text
    loaded = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert {"docs/page.css", "docs/page.js", "openapi.json"} == set(loaded)
    for name in loaded:
        assert 200 == (await asking.get(f"/{name}")).status_code
    assert "innerHTML" not in (files("query") / "page" / "docs.js").read_text()
    assert not re.search(r"<script>|<style>|\bon[a-z]+=|style=", page)
