"""A verified body to the message that goes into the log.

Pure. A signed delivery is never refused for what it says: what is not understood goes to the
quarantine topic with the reason, because twelve failures make Voucherify switch the webhook off.
That holds for a body over which our own code stumbles, too: it would stumble at each retry.
"""

import hashlib
from typing import NamedTuple

from eventlog.log import Message
from schemas import glance, topics
from schemas.defects import describe
from schemas.envelope import Envelope


class Delivery(NamedTuple):
    """A message for the log, and what is known about it.

    The envelope's data are ids only. Without an envelope it is quarantined and `reason` says why;
    `problem` is a defect of ours.
    """

    message: Message
    envelope: Envelope | None
    reason: str
    problem: str | None = None


def understand(body: bytes, received_at: int) -> Delivery:
    """Tell version, type and thing of a body; `received_at` in milliseconds."""
    try:
        return _understand(body, received_at)
    except MemoryError:
        raise  # says nothing about the body
    except Exception as error:
        return _quarantined(body, "unexpected-error", received_at, describe(error))


def _understand(body: bytes, received_at: int) -> Delivery:
    found = glance.read(body)
    if not isinstance(found, Envelope):
        return _quarantined(body, found.reason, received_at)
    message = Message(
        topics.topic(found), topics.key(found), body, topics.headers(found, received_at)
    )
    return Delivery(message, found, "accepted")


def _quarantined(
    body: bytes, reason: str, received_at: int, problem: str | None = None
) -> Delivery:
    """A delivery for the quarantine topic. The same body always has the same id and key."""
    digest = hashlib.sha256(body).hexdigest()
    headers = topics.quarantine_headers(reason, delivery_id=digest, received_at=received_at)
    message = Message(topics.QUARANTINE, digest.encode("ascii"), body, headers)
    return Delivery(message, None, reason, problem)
