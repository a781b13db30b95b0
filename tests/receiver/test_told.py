"""What the headers of a delivery say that matters."""

import pytest

from receiver.told import told


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (b"0", 0),
        (b"5000", 5_000),
        (b"9" * 30, 10**18 - 1),
        (b"1" + b"0" * 5_000, 10**17),
        (b"-1", None),
        (b"5 000", None),
        (b"", None),
        (b"\xb2", None),
    ],
)
def test_a_declared_length(value: bytes, length: int | None) -> None:
    """However long the number is; none for what makes no sense, so that the bytes decide."""
    assert length == told([(b"content-length", value)]).length


def test_headers_that_come_several_times() -> None:
    """All signatures and all X-Forwarded-For, in their order, and nothing else."""
    headers = [
        (b"host", b"localhost"),
        (b"x-voucherify-signature", b"1"),
        (b"x-forwarded-for", b"a"),
        (b"x-voucherify-signature", b"2"),
        (b"x-forwarded-for", b"b"),
    ]

    assert (None, [b"1", b"2"], [b"a", b"b"]) == told(headers)
