"""The metrics of the query API, all in one place."""

from typing import Final

from prometheus_client import Histogram

REQUEST_SECONDS: Final = Histogram(
    "voucherify_sync_query_seconds",
    "Time to answer a query, in seconds, by the path's template and the answer's status.",
    ["route", "status"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
