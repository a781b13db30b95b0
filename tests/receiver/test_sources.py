"""Allowed sources: regions, networks, proxies, and settings that make no sense."""

import pytest

from receiver.sources import AllowedSources

EU1 = "34.247.197.22"
US1 = "100.25.106.67"
PROXY = "10.0.0.7"


@pytest.mark.parametrize(
    ("allowed", "peer", "expected"),
    [
        ("any", "203.0.113.9", True),
        (" ANY ", None, True),
        ("eu1", EU1, True),
        ("eu1", "63.32.191.141", True),
        ("eu1", "52.215.148.84", True),
        ("eu1", US1, False),
        ("us1", US1, True),
        ("us1", "18.209.236.215", True),
        ("us1", "34.192.255.99", True),
        ("as1", "52.76.98.82", True),
        ("as1", "54.169.8.101", True),
        ("as1", "13.214.87.160", True),
        ("EU1, 10.0.0.0/8", "10.200.3.4", True),
        ("eu1,10.0.0.0/8", "11.0.0.1", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::/32", "2001:db8::5", True),
        ("2001:db8::/32", "2001:db9::5", False),
        ("2001:db8::/32", "10.0.0.1", False),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("::ffff:10.0.0.0/104", "10.1.2.3", True),
        ("::/0", "10.1.2.3", False),
        ("fe80::/10", "fe80::1%eth0", True),
        ("eu1", None, False),
        ("eu1", "", False),
        ("eu1", "not an address", False),
    ],
)
def test_who_may_deliver_directly(allowed: str, peer: str | None, expected: bool) -> None:
    """The other end of the connection is looked up in regions and networks."""
    assert expected is AllowedSources.parse(allowed).allow(peer)


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ([EU1.encode()], True),
        ([US1.encode()], False),
        ([b"203.0.113.9, " + EU1.encode()], True),
        ([EU1.encode() + b", 203.0.113.9"], False),
        ([EU1.encode() + b",10.0.0.8 ,\t10.0.0.9"], True),
        ([b"203.0.113.9", EU1.encode()], True),
        ([EU1.encode(), b"203.0.113.9"], False),
        ([EU1.encode(), b"10.0.0.9"], True),
        ([b"::ffff:" + EU1.encode()], True),
        ([EU1.encode() + b":443"], True),
        ([b"[2001:db8::1]:443"], True),
        ([b"2001:db8::1"], True),
        ([b"[2001:db9::1]:443"], False),
        ([b"garbage, " + EU1.encode()], True),
        ([EU1.encode() + b", garbage"], False),
        ([EU1.encode() + b", "], False),
        ([EU1.encode() + b", unknown, 10.0.0.9"], False),
        ([EU1.encode() + b", \xff\xfe"], False),
        ([b""], False),
        ([], False),
        ([b"10.0.0.8"], False),
    ],
)
def test_who_may_deliver_through_a_proxy(forwarded: list[bytes], expected: bool) -> None:
    """From the right, past trusted proxies; what can't be understood there is not allowed."""
    sources = AllowedSources.parse("eu1,2001:db8::/32", ["10.0.0.0/24"])

    assert expected is sources.allow(PROXY, forwarded)


def test_a_stranger_is_not_believed() -> None:
    """Who is no trusted proxy can't say where a delivery comes from."""
    sources = AllowedSources.parse("eu1", [PROXY])

    assert not sources.allow("203.0.113.9", [EU1.encode()])
    assert not AllowedSources.parse("eu1").allow(PROXY, [EU1.encode()])


def test_a_proxy_itself_may_be_allowed() -> None:
    """Where the whole way is inside trusted networks, its first address counts."""
    sources = AllowedSources.parse("10.0.0.0/8", ["10.0.0.0/8", "::1"])

    assert sources.allow(PROXY)
    assert sources.allow(PROXY, [b"10.0.0.8"])
    assert sources.allow("::1", [b"10.0.0.8"])


def test_a_long_way_is_walked_in_a_moment() -> None:
    """A header as long as a server lets through is no work worth mentioning."""
    sources = AllowedSources.parse("eu1", ["10.0.0.0/8"])

    assert not sources.allow(PROXY, [b"10.0.0.8, " * 6_000])


@pytest.mark.parametrize(
    ("allowed", "proxies", "problem"),
    [
        ("", [], "'' is not any alone, or a region (eu1, us1, as1), a network (10.0.0.0/8, "),
        (" , ", [], "' , ' is not any alone"),
        ("any,eu1", [], "'any,eu1' is not any alone"),
        ("eu2", [], "'eu2' is not any alone"),
        ("eu1,10.1.2.3/8", [], "'10.1.2.3/8' is not any alone"),
        ("eu1,10.1.2.3/8", [], "or an address; for this network write 10.0.0.0/8"),
        ("10.0.0.0/33", [], "'10.0.0.0/33' is not any alone"),
        ("eu1", ["proxy.internal"], "'proxy.internal' is not a network (10.0.0.0/8, "),
        ("eu1", ["any"], "'any' is not a network"),
        ("eu1", ["10.1.2.3/8"], "'10.1.2.3/8' is not a network"),
    ],
)
def test_settings_that_make_no_sense(allowed: str, proxies: list[str], problem: str) -> None:
    """The item is named, and what it may be."""
    with pytest.raises(ValueError, match="is not ") as refused:
        AllowedSources.parse(allowed, proxies)

    assert problem in str(refused.value)
