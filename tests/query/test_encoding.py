"""Gzip for those who ask for it, where it is worth it."""

import gzip

import httpx
import pytest

from query import encoding
from tests.factories import card, webhook
from tests.query.world import World


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (b"gzip", True),
        (b"gzip, deflate, br", True),
        (b"br;q=1.0, GZIP;q=0.8, *;q=0.1", True),
        (b"*", True),
        (b"x-gzip", True),
        (b"gzip;q=0.5, identity;q=0.5", True),
        (b"gzip ; q=0.001", True),
        (b"", False),
        (b"identity", False),
        (b"br, deflate", False),
        (b"gzip;q=0", False),
        (b"gzip;q=0, *", False),
        (b"*;q=0", False),
        (b"identity;q=1, gzip;q=0.5", False),
        (b"gzip;q=2", False),
        (b"gzip;q=nan", False),
        (b"gzip;q=x", False),
        (b",;,;q=,", False),
    ],
)
def test_who_asks_for_gzip(header: bytes, accepted: bool) -> None:
    """As RFC 9110 weighs encodings."""
    assert accepted == encoding.accepts_gzip(header)


async def raw(world: World, method: str, path: str, asked: str) -> tuple[httpx.Headers, bytes]:
    """The headers of an answer, and its bytes as they were sent."""
    sent = {"accept-encoding": asked}
    async with world.client().stream(method, path, headers=sent) as answer:
        return answer.headers, b"".join([part async for part in answer.aiter_raw()])


async def test_long_answers_shrink(world: World) -> None:
    """Their length is that of what is sent, to HEAD too; the tag is that of the plain answer."""
    await world.tell(
        *(webhook("voucher.created", {"voucher": card(n) | {"id": f"v_{n}"}}) for n in range(50))
    )
    path = "/v1/vouchers?limit=100"

    plain, text = await raw(world, "GET", path, "identity")
    headers, body = await raw(world, "GET", path, "gzip")
    head, nothing = await raw(world, "HEAD", path, "gzip")

    assert text == gzip.decompress(body)
    assert "gzip" == headers["content-encoding"] == head["content-encoding"]
    assert "content-encoding" not in plain
    assert str(len(body)) == headers["content-length"] == head["content-length"]
    assert len(body) < len(text) / 2
    assert b"" == nothing
    assert plain["etag"] == headers["etag"]
    assert {"Accept-Encoding"} == {one["vary"] for one in (plain, headers, head)}


async def test_short_answers_do_not(world: World) -> None:
    """They fit into one packet anyway."""
    headers, body = await raw(world, "GET", "/v1/vouchers", "gzip")

    assert "content-encoding" not in headers
    assert body.startswith(b"{")
