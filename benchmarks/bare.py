"""What the stack itself can do: Starlette on uvicorn, an endpoint that only reads the body."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def read(request: Request) -> Response:
    """Read the body and accept it."""
    await request.body()
    return Response(status_code=202)


app = Starlette(routes=[Route("/webhooks/voucherify", read, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
