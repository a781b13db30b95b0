"""The metrics of a process as a whole, all in one place; its parts have their own."""

from typing import Final

from prometheus_client import Gauge

PARTS: Final = Gauge(
    "voucherify_sync_part_info",
    "1 for each part that the process runs: receiver, handlers, query.",
    ["part"],
)
