"""A real HTTP server on a free loopback port, in the test's own loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route


@asynccontextmanager
async def serving(*routes: Route) -> AsyncIterator[str]:
    """The base URL under which these routes are served.

    Without the server's own main loop, which handles signals and looks up every 100 ms.
    """
    config = uvicorn.Config(
        Starlette(routes=list(routes)),
        port=0,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.shutdown()
