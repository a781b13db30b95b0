"""In which order the parts of a process end."""

from contextlib import AsyncExitStack

from voucherify_sync.tracing.parts import Untraced
from voucherify_sync.wiring import Process


class Told(Untraced):
    """Tracing that writes down when it is closed."""

    def __init__(self, ended: list[str]) -> None:
        self._ended = ended

    async def close(self) -> None:
        """See Tracing."""
        self._ended.append("tracing")


async def test_tracing_ends_last() -> None:
    """A part's last batch ends while the part does, and its spans are still handed over."""
    ended: list[str] = []

    def start(name: str, stack: AsyncExitStack) -> None:
        stack.callback(ended.append, name)

    process = Process(tracing=Told(ended))
    process.starts += [lambda stack: start("log", stack), lambda stack: start("handlers", stack)]
    app = process.app()
    async with app.router.lifespan_context(app):
        assert [] == ended

    assert ["handlers", "log", "tracing"] == ended
