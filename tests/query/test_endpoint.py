"""Every answer has its headers and every refusal its error object, whatever goes wrong."""

import shutil
import sqlite3
from collections.abc import Iterable, MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import NoMatchFound, Route
from structlog.testing import capture_logs

from query.routes import TABLE, VENDOR_RESOURCES, routes
from state.reader import Standing
from state.seen import Seen
from state.sqlite_reader import SqliteReader
from state.store import StateUnavailableError
from tests.factories import CAMPAIGN, card, webhook
from tests.query import everything
from tests.query.world import AS_OF_TEXT, World, campaign, client, customer, redemption

SERVED = [everything.path(path.template) for path in TABLE]
TOLD = (
    *everything.TOLD,
    webhook("campaign.created", {"campaign": campaign(CAMPAIGN, "Gold")}),
    webhook("voucher.created", {"voucher": card(1)}),
    webhook("customer.created", {"customer": customer()}),
    webhook("redemption.succeeded", {"redemption": redemption("r_1"), "order": {"id": "ord_1"}}),
)


class BrokenReader:
    """A state whose reads all fail with the same error."""

    def __init__(self, error: Exception, as_of: int | None = None) -> None:
        self._error = error
        self._as_of = as_of

    async def standing(self) -> Standing:
        """The moment, unless that can't be read either."""
        if self._as_of is None:
            raise self._error
        return Standing(
            self._as_of, self._as_of, dead_letters=False, gaps=False, projects=("proj_test",)
        )

    def noting(self, _: Seen) -> "BrokenReader":
        """As broken."""
        return self

    def __getattr__(self, _: str) -> Any:
        async def fail(*_: Any, **__: Any) -> Any:
            raise self._error

        return fail


def _problems(logs: Iterable[MutableMapping[str, Any]]) -> list[MutableMapping[str, Any]]:
    return [line for line in logs if line["log_level"] != "debug"]


async def asked_of(reader: Any, path: str = "/v1/vouchers/A") -> httpx.Response:
    """The answer where the state is read like that."""
    async with client(reader) as asking:
        return await asking.get(path)


@pytest.mark.parametrize("path", SERVED)
async def test_every_path_is_answered(world: World, path: str) -> None:
    """Also with a slash at its end, and to HEAD with the headers alone."""
    await world.tell(*TOLD)

    got = await world.ask(path)
    head = await world.request("HEAD", path)

    assert 200 == got.status_code
    assert "application/json" == got.headers["content-type"]
    assert (200, b"") == (head.status_code, head.content)
    assert got.headers["content-length"] == head.headers["content-length"]
    assert got.json() == await world.get(f"{path}/")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_is_changed_here(world: World, method: str) -> None:
    """Any other method is Voucherify's own to answer."""
    for path in SERVED:
        answer = await world.request(method, path)

        assert 501 == answer.status_code
        assert "not_held_locally" == answer.json()["key"]


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE"])
async def test_a_method_of_nobody_is_refused(world: World, method: str) -> None:
    """What is allowed is named."""
    for path in SERVED:
        answer = await world.request(method, path)

        assert 405 == answer.status_code
        assert "GET, HEAD" == answer.headers["allow"]
        assert "method_not_allowed" == answer.json()["key"]


@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        *((f"/v1/{name}/x/y/z", 501, "not_held_locally") for name in sorted(VENDOR_RESOURCES)),
        ("/v1/validations", 501, "not_held_locally"),
        ("/v1/customers/c/redeemables", 501, "not_held_locally"),
        ("/v1/publications/create", 501, "not_held_locally"),
        ("/v1/nothing", 404, "not_found"),
        ("/v1/Vouchers", 404, "not_found"),
        ("/v1/", 404, "not_found"),
        ("/v1", 404, "not_found"),
        ("/v1//vouchers", 404, "not_found"),
        ("/v1/vouchers//transactions", 501, "not_held_locally"),
        ("/v1/vouchers/%FF", 400, "invalid_path"),
        ("/v1/vouchers/%C3%28", 400, "invalid_path"),
    ],
)
async def test_other_paths_are_refused(world: World, path: str, status: int, key: str) -> None:
    """Those that the vendor has are told from those that nobody has."""
    answer = await world.ask(path)

    assert (status, key) == (answer.status_code, answer.json()["key"])
    assert status == answer.json()["code"]
    if status == 501:
        assert "api.voucherify.io" in answer.json()["details"]


def test_paths_have_no_names() -> None:
    """Nobody can ask for one in reverse."""
    with pytest.raises(NoMatchFound):
        Starlette(routes=routes(reader=SqliteReader(Path("x")), keys=[])).url_path_for("member")


async def test_paths_beside_ours_are_left_alone(world: World) -> None:
    """The query API stands beside other routes."""

    async def other(_: Any) -> PlainTextResponse:
        return PlainTextResponse("other")

    app = Starlette(routes=[*routes(reader=world.reader, keys=[]), Route("/v10/x", other)])
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://query.example"
    ) as asking:
        assert "other" == (await asking.get("/v10/x")).text


@pytest.mark.parametrize(
    ("given", "echoed"),
    [
        ("req-1", True),
        ("a/b:c=d.e_f+g", True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("", False),
        ("a b", False),
        ('"<script>"', False),
    ],
)
async def test_a_request_id_is_echoed_if_it_is_sane(world: World, given: str, echoed: bool) -> None:
    """Else there is a new one; an error's object has the same."""
    answer = await world.ask("/v1/vouchers/A", headers={"X-Request-Id": given})

    assert echoed == (given == answer.headers["x-request-id"])
    assert answer.headers["x-request-id"] == answer.json()["request_id"]


async def test_each_request_has_its_own_id(world: World) -> None:
    """Where the caller gives none."""
    ids = {(await world.ask("/v1/vouchers")).headers["x-request-id"] for _ in range(9)}

    assert 9 == len(ids)


async def test_as_of_is_left_out_while_there_is_none(tmp_path: Path) -> None:
    """A state that was never complete does not say that it was."""
    world = World(tmp_path)
    await world.state.migrate()

    answer = await asked_of(world.reader, "/v1/vouchers")
    await world.close()

    assert 200 == answer.status_code
    assert "voucherify-sync-as-of" not in answer.headers


@pytest.mark.parametrize("as_of", [None, 1_740_787_200_123])
async def test_a_state_that_can_not_be_read_is_unavailable(as_of: int | None) -> None:
    """The caller is told when to try again, and we that it happened."""
    with capture_logs() as logs:
        answer = await asked_of(BrokenReader(StateUnavailableError("locked"), as_of))

    assert 503 == answer.status_code
    assert "1" == answer.headers["retry-after"]
    assert "service_unavailable" == answer.json()["key"]
    assert (AS_OF_TEXT if as_of else None) == answer.headers.get("voucherify-sync-as-of")
    assert ["query_state_unavailable"] == [line["event"] for line in _problems(logs)]


async def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    """Missing, empty, or no database at all; asking does not make one."""
    (tmp_path / "empty.db").touch()
    (tmp_path / "text.db").write_text("this is no database, whatever its name says" * 99)
    for name in ("missing.db", "empty.db", "text.db"):
        reader = SqliteReader(tmp_path / name)
        with capture_logs():
            assert 503 == (await asked_of(reader)).status_code
        await reader.close()

    assert not (tmp_path / "missing.db").exists()


async def test_a_database_that_was_mended_is_read_again(beginning: Path, tmp_path: Path) -> None:
    """Without a restart."""
    path = tmp_path / "state.db"
    path.write_text("this is no database, whatever its name says" * 99)
    reader = SqliteReader(path, threads=1)
    with capture_logs():
        assert 503 == (await asked_of(reader, "/v1/vouchers")).status_code

    path.unlink()
    shutil.copy(beginning / "state.db", path)

    assert 200 == (await asked_of(reader, "/v1/vouchers")).status_code
    await reader.close()


async def test_a_defect_of_ours_is_not_shown() -> None:
    """Neither to the caller nor, where it may quote personal data, to the log."""
    with capture_logs() as logs:
        answer = await asked_of(BrokenReader(ValueError("ada@example.com"), 1_740_787_200_123))

    assert 500 == answer.status_code
    assert {"code": 500, "key": "internal_error"}.items() <= answer.json().items()
    assert AS_OF_TEXT == answer.headers["voucherify-sync-as-of"]
    assert "ada@" not in answer.text + str(logs)
    assert [("query_failed", "/v1/vouchers/{code}", answer.headers["x-request-id"])] == [
        (line["event"], line["route"], line["request_id"]) for line in _problems(logs)
    ]


async def test_answers_are_counted_and_named(world: World) -> None:
    """By the path's template; at level debug a line names each request."""
    labels = {"route": "/v1/vouchers/{code}", "status": "404"}
    name = "voucherify_sync_query_seconds_count"
    before = REGISTRY.get_sample_value(name, labels) or 0

    with capture_logs() as logs:
        first = await world.ask("/v1/vouchers/unheard-of")
        second = await world.ask("/v1/vouchers")

    assert {"debug"} == {line["log_level"] for line in logs}
    assert [first.headers["x-request-id"], second.headers["x-request-id"]] == [
        line["request_id"] for line in logs
    ]
    assert "unheard-of" not in str(logs)
    assert before + 1 == REGISTRY.get_sample_value(name, labels)


async def test_each_answer_is_a_call_saved(world: World) -> None:
    """What is not held here has to be asked of Voucherify all the same."""
    name = "voucherify_sync_api_calls_saved_total"
    before = REGISTRY.get_sample_value(name) or 0

    await world.ask("/v1/vouchers")
    await world.ask("/v1/exports")

    assert before + 1 == REGISTRY.get_sample_value(name)


async def test_a_server_that_gives_no_raw_path_is_served(world: World) -> None:
    """ASGI leaves it to the server."""
    await world.tell(webhook("voucher.created", {"voucher": card(1) | {"code": "ą b"}}))
    inner = Starlette(routes=routes(reader=world.reader, keys=[]))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope["raw_path"]
        await inner(scope, receive, send)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://query.example"
    ) as asking:
        assert "ą b" == (await asking.get("/v1/vouchers/%C4%85%20b")).json()["code"]


async def test_reads_go_on_while_the_state_is_written(world: World) -> None:
    """A writer in the middle of its transaction stops nobody."""
    await world.tell(webhook("voucher.created", {"voucher": card(1)}))
    writer = sqlite3.connect(world.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE thing SET gone = 1")

    assert 200 == await world.status("/v1/vouchers/CODE-1")

    writer.execute("ROLLBACK")
    writer.close()
