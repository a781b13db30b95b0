"""Connections to brokers, shared by many who ask."""

import asyncio

import pytest
from aiokafka.protocol.metadata import MetadataRequest

from eventlog.kafka_cluster import Cluster
from eventlog.log import LogUnavailableError
from tests.eventlog.conftest import OpenPlace


async def test_an_answer_that_never_comes_leaves_newer_connections(
    open_place: OpenPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the connection that was asked over is closed."""
    cluster = Cluster(open_place().connection, [], "test")
    node = next(iter((await cluster.refresh()).brokers))
    await cluster.link(node, "x")
    connection = next(link.connection for key, link in cluster._links.items() if key[1] == "x")
    monkeypatch.setattr(connection, "send", lambda _: asyncio.sleep(10))
    asking = asyncio.create_task(cluster.ask(node, MetadataRequest([]), "x", seconds=0.2))
    await asyncio.sleep(0.05)
    cluster.cut("x")
    await cluster.link(node, "x")
    with pytest.raises(LogUnavailableError, match="does not answer"):
        await asking
    assert cluster.is_linked(node, "x")
    await cluster.close()
