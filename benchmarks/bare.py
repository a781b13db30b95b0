"""What the stack itself can do: Starlette on uvicorn, endpoints that only read or only answer.

`python -m benchmarks.bare PORT [FILE]`: with a file, any GET is answered with its bytes.
"""

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def read(request: Request) -> Response:
    """Read the body and accept it."""
    await request.body()
    return Response(status_code=202)


ANSWER = Path(sys.argv[2]).read_bytes() if len(sys.argv) > 2 else b""


async def answer(request: Request) -> Response:  # noqa: ARG001 - the same whatever is asked
    """Give the bytes."""
    return Response(ANSWER, media_type="application/json")


app = Starlette(
    routes=[Route("/webhooks/voucherify", read, methods=["POST"]), Route("/{path:path}", answer)]
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
