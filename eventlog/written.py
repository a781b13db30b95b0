"""What a writer gives for messages that it was handed: a future, and one call at once.

A future's own callbacks wait for the next turn of the event loop, which under load is as long as
reading all that has arrived.
"""

import asyncio
from collections.abc import Callable


class Written(asyncio.Future[None]):
    """Done when the messages are durable, or are not. Of one event loop."""

    at_once: "Callable[[Written], None] | None" = None
    """Called by `settle`, before whoever awaits. It must not hand over messages."""

    def settle(self, error: Exception | None = None) -> None:
        """Say how it ended, unless that is known: the first word counts."""
        if self.done():
            return
        if error is None:
            self.set_result(None)
        else:
            self.set_exception(error)
        if self.at_once is not None:
            try:
                self.at_once(self)
            except Exception as defect:
                about = {"message": "a delivery was written, and not answered", "exception": defect}
                self.get_loop().call_exception_handler(about)
