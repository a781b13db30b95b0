"""The metrics of the log's write side, all in one place. Counted by batch, never by message."""

from typing import Final

from prometheus_client import Counter

from eventlog.histogram import LoopHistogram

BATCH_MESSAGES: Final = LoopHistogram(
    "voucherify_sync_publish_batch_messages",
    "Messages written to the log together: in one commit, or in one batch of a partition.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
RETRIES: Final = Counter(
    "voucherify_sync_publish_retries_total",
    "Batches that a broker refused or did not answer, and that are sent again.",
)
