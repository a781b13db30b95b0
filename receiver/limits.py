"""What a delivery may take: seconds and bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits that no setting moves; tests shorten them.

    Voucherify counts a delivery as failed after 10 seconds: by then it has to have an answer. A
    body has a tenth of a second less, which its connection may have waited for it before.
    So many deliveries are `always_let_in` to wait for the log; more are refused where it takes
    `queue_seconds` longer than at its quickest. `linger` is for how much longer, after a refusal,
    what is still being sent is read and dropped.
    """

    body_seconds: float = 9.9
    append_seconds: float = 5.0
    always_let_in: int = 128
    queue_seconds: float = 0.05
    in_flight_bytes: int = 256 * 1024 * 1024
    linger_seconds: float = 2.0
    linger_bytes: int = 32 * 1024 * 1024
