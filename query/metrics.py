"""The metrics of the query API, all in one place."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUEST_SECONDS: Final = Histogram(
    "voucherify_sync_query_seconds",
    "Time to answer a query, in seconds, by the path's template and the answer's status.",
    ["route", "status"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
AS_OF: Final = Gauge(
    "voucherify_sync_query_as_of_timestamp_seconds",
    "The moment up to which the state is complete, in seconds since 1970, as the last answer or "
    "readiness check saw it; 0 before there is one.",
)
TURNED_AWAY: Final = Counter(
    "voucherify_sync_query_turned_away_total",
    "Queries answered 503 because the line was full, or so slow that their time in it ran out.",
    ["reason"],
)
CALLS_SAVED: Final = Counter(
    "voucherify_sync_api_calls_saved_total",
    "Reads answered from the state (200 or 304), each of them a call of Voucherify's API less.",
)
WAITING: Final = Gauge(
    "voucherify_sync_query_waiting",
    "Queries that wait until the state is complete up to a moment.",
)
