"""The metrics of receiving, all in one place."""

from typing import Final

from prometheus_client import Counter, Gauge

from eventlog.histogram import LoopHistogram

DELIVERIES: Final = Counter(
    "voucherify_sync_deliveries_total",
    "Deliveries by the status answered (none: the sender left) and the reason for it.",
    ["answer", "reason"],
)
ACCEPTED: Final = Counter(
    "voucherify_sync_deliveries_accepted_total",
    "Deliveries in the log, by webhook version and family (none: in the quarantine topic).",
    ["version", "family"],
)
VERIFY_SECONDS: Final = LoopHistogram(
    "voucherify_sync_verify_seconds",
    "Time to verify one delivery's signature, in seconds.",
    buckets=(0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.1),
)
APPEND_SECONDS: Final = LoopHistogram(
    "voucherify_sync_append_seconds",
    "Time until the log had one delivery durably, in seconds.",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
BYTES_IN_FLIGHT: Final = Gauge(
    "voucherify_sync_bytes_in_flight",
    "Bytes of bodies that are being received or waiting for the log.",
)
