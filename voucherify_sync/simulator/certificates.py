"""The certificates that an HTTPS connection trusts, read once: each client would read them anew."""

import ssl
from functools import cache


@cache
def trusted() -> ssl.SSLContext:
    """One context for all connections."""
    return ssl.create_default_context()
