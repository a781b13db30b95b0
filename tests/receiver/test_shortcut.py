"""The shortcut to the endpoint: the same answers, and nothing of the application in between."""

import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from receiver.shortcut import shortcut
from tests.receiver.client import PATH, send
from tests.receiver.factories import RecordingLog, application, body, signed


async def refuse(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """An application that must not be asked."""
    raise AssertionError("the application was asked")


async def test_a_delivery_takes_the_shortcut() -> None:
    """The application behind is not asked."""
    log = RecordingLog()
    app = shortcut(refuse, application(log).routes)
    answered = await send(app, [body()], headers=signed(body()))

    assert answered is not None
    assert 202 == answered.status
    assert [body()] == log.values()


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD", "PUT", "OPTIONS"])
@pytest.mark.parametrize("path", [PATH, PATH + "/x", "/", "/WEBHOOKS/VOUCHERIFY"])
async def test_the_answers_are_those_of_the_application(method: str, path: str) -> None:
    """Whatever is asked, with or without a right signature."""
    app = application()
    short = shortcut(app, app.routes)
    for headers in (signed(body()), []):
        expected = await send(app, [body()], headers=headers, method=method, path=path)

        assert expected == await send(short, [body()], headers=headers, method=method, path=path)


async def test_an_application_without_the_endpoint_stays_as_it_is() -> None:
    """A process that takes no deliveries has no shortcut."""
    app = Starlette()

    assert app is shortcut(app, app.routes)


async def test_start_and_end_are_the_applications() -> None:
    """What is no request goes to the application."""
    with pytest.raises(AssertionError, match="the application was asked"):
        await shortcut(refuse, application().routes)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
