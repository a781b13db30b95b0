"""The metrics of understanding and applying, all in one place."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

EVENTS: Final = Counter(
    "voucherify_sync_events_applied_total", "Events applied to the state.", ["family"]
)
FACTS: Final = Counter(
    "voucherify_sync_facts_total",
    "Facts joined to the state: merged (changed something) or stale (known or outranked).",
    ["outcome"],
)
DEAD_LETTERS: Final = Counter(
    "voucherify_sync_dead_letters_total", "Events that could not be applied.", ["error"]
)
BATCH_EVENTS: Final = Histogram(
    "voucherify_sync_batch_events",
    "Events applied in one transaction.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
APPLY_SECONDS: Final = Histogram(
    "voucherify_sync_apply_seconds",
    "Time to apply one batch, in seconds.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
AS_OF: Final = Gauge(
    "voucherify_sync_as_of_timestamp_seconds",
    "The moment up to which the state is complete, in seconds since 1970.",
)
LAG: Final = Gauge(
    "voucherify_sync_consumer_lag_records", "Records in the log that are not applied yet."
)
LAG_SECONDS: Final = Gauge(
    "voucherify_sync_consumer_lag_seconds",
    "For how long, at most, the oldest record that is not applied yet has been in the log.",
)
WAITED_SECONDS: Final = Histogram(
    "voucherify_sync_receipt_to_applied_seconds",
    "Time from its receipt until the first event of a batch was applied, in seconds, as far as the "
    "clocks of receiver and handlers agree.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60, 600),
)
WORKING: Final = Gauge(
    "voucherify_sync_working",
    "Whether a part of the handlers does its work (1), or waits for what keeps it from it (0).",
    ["part"],
)
OPEN_LETTERS: Final = Gauge(
    "voucherify_sync_dead_letters_open", "Dead letters kept: neither redriven nor discarded."
)
LEDGERS: Final = Counter(
    "voucherify_sync_ledgers_checked_total", "Ledgers looked through for missing entries."
)
GAPS: Final = Gauge(
    "voucherify_sync_ledger_gaps",
    "Places in ledgers where entries are missing for longer than late ones are waited for.",
)
