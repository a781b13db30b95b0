"""The parts of a process, traced or as they are. The wiring knows only what stands here."""

import os
from typing import Protocol

from starlette.routing import BaseRoute

from handlers.applying import Applies
from query.endpoint import QueryApi
from voucherify_sync.settings import SettingsError
from voucherify_sync.stores import Log
from voucherify_sync.tracing import wanted


class Tracing(Protocol):
    """Gives back each part in the form in which it is to be used."""

    def webhook(self, route: BaseRoute) -> BaseRoute:
        """The route of the webhook endpoint."""
        ...

    def log(self, log: Log) -> Log:
        """Both sides of the log."""
        ...

    def applying(self, state: Applies) -> Applies:
        """What applies batches; call it after `log`."""
        ...

    def queries(self, api: QueryApi) -> BaseRoute:
        """The route of the query API."""
        ...

    async def close(self) -> None:
        """Hand over what is gathered."""
        ...


class Untraced:
    """Tracing that is off: everything as it is."""

    def webhook(self, route: BaseRoute) -> BaseRoute:
        """See Tracing."""
        return route

    def log(self, log: Log) -> Log:
        """See Tracing."""
        return log

    def applying(self, state: Applies) -> Applies:
        """See Tracing."""
        return state

    def queries(self, api: QueryApi) -> BaseRoute:
        """See Tracing."""
        return api

    async def close(self) -> None:
        """See Tracing."""


def tracing(command: str, version: str) -> Tracing:
    """As the environment asks for it, for one process. Raises SettingsError."""
    exporters = wanted.exporters(os.environ)
    if not exporters:
        return Untraced()
    try:
        from voucherify_sync.tracing.traced import Traced
    except ModuleNotFoundError as missing:
        raise SettingsError(
            f"OTEL_…: traces are asked for, and {missing.name} is not installed: "
            "pip install 'voucherify-sync[tracing]', or set OTEL_SDK_DISABLED=true"
        ) from None
    return Traced(command, version, exporters)
