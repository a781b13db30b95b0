"""What went wrong with a broker, in words that say what to do."""

import pytest
from aiokafka.errors import CorrelationIdError, IncompatibleBrokerVersion

from eventlog.kafka_connection import KafkaConnection
from eventlog.kafka_errors import unavailable


@pytest.mark.parametrize(
    "error", [CorrelationIdError(), IncompatibleBrokerVersion(), OverflowError(), UnicodeError()]
)
def test_what_is_no_kafka_is_said_with_the_mend(error: Exception) -> None:
    """Another program at the port, a broker that is too old, an address that is none."""
    said = str(unavailable(KafkaConnection(["nowhere:1"]), ("nowhere", 1), error))
    assert f"({type(error).__name__}): check the address, the security protocol" in said
