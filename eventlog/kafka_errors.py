"""What went wrong with a broker, in words that name it and the mend, without a password.

Kafka says it in error codes and exceptions of many kinds; our callers know LogUnavailableError.
"""

import ssl
from typing import Final

from aiokafka import errors

from eventlog.kafka_connection import Address, KafkaConnection
from eventlog.log import LogUnavailableError

OFFSET_OUT_OF_RANGE: Final = 1
UNKNOWN_TOPIC: Final = 3
TOO_LARGE: Final = (10, 18)
NOT_ENOUGH_REPLICAS: Final = (19, 20)
UNAUTHORISED: Final = (29, 30, 31)
COORDINATOR_ELSEWHERE: Final = (15, 16)
NOT_A_MEMBER: Final = (25,)
INCONSISTENT_PROTOCOL: Final = (23,)
REBALANCING: Final = (22, 27)  # 22: the group began a generation without us, but knows us
MEMBER_ID_REQUIRED: Final = 79
SESSION_LOST: Final = (70, 71)  # of fetches; a broker keeps as many as it has room for
TOPIC_EXISTS: Final = 36
INVALID_REPLICATION: Final = 38
OUT_OF_SEQUENCE: Final = (45, 47, 49, 59)
DUPLICATE: Final = 46

_REFUSED: Final = (
    errors.SaslAuthenticationFailed,
    errors.AuthenticationFailedError,
    errors.IllegalSaslStateError,
)


def code_name(code: int) -> str:
    """Kafka's own name of an error code, as its documentation and tools have it."""
    error = errors.kafka_errors.get(code)
    return f"{error.__name__.removesuffix('Error')} ({code})" if error else f"error {code}"


def can_be_retried(code: int) -> bool:
    """Whether Kafka means the same request to be sent again."""
    error = errors.kafka_errors.get(code)
    return bool(error and error.retriable)


def unavailable(
    connection: KafkaConnection, address: Address, error: BaseException
) -> LogUnavailableError:
    """The error of a connection to one broker."""
    host, port = address
    return LogUnavailableError(f"Kafka at {host}:{port} {_words(connection, error)}")


def _words(connection: KafkaConnection, error: BaseException) -> str:
    cause = error.__cause__
    if isinstance(error, _REFUSED):
        return (
            f"refused the user {connection.sasl_username} ({connection.sasl_mechanism}): check the "
            "SASL user name, password and mechanism"
        )
    if isinstance(error, errors.UnsupportedSaslMechanismError):
        return f"does not know the SASL mechanism {connection.sasl_mechanism}: name another one"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"shows a certificate that is not trusted ({error.verify_message}): check the CA file "
            "and the host name"
        )
    if isinstance(error, ssl.SSLError):
        return f"can't be spoken to by TLS ({error.reason}): check the security protocol"
    if isinstance(error, TimeoutError):
        return "does not answer: check that it runs, and the security protocol"
    if isinstance(error, errors.KafkaConnectionError):
        detail = f" ({_words(connection, cause)})" if isinstance(cause, OSError) else ""
        return f"closed the connection{detail}: check that it runs, and the security protocol"
    if isinstance(error, OSError):
        return f"can't be reached ({error.strerror or error}): check the address and that it runs"
    return (
        f"can't be spoken to ({type(error).__name__}): check the address, the security protocol, "
        "and that it is Kafka 2.1 or newer"
    )
