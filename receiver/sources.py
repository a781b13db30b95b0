"""Which addresses may deliver: regions of Voucherify's and networks, also behind trusted proxies.

The first check of a delivery. It is an addition to the signature, never instead of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from types import MappingProxyType
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# The vendor's documentation, "Webhooks"; a dedicated cluster has addresses of its own.
REGIONS: Final = MappingProxyType(
    {
        "eu1": ("34.247.197.22", "63.32.191.141", "52.215.148.84"),
        "us1": ("100.25.106.67", "18.209.236.215", "34.192.255.99"),
        "as1": ("52.76.98.82", "54.169.8.101", "13.214.87.160"),
    }
)

_ANY: Final = "any"
_A_NETWORK: Final = "a network (10.0.0.0/8, 2001:db8::/32) or an address"
_A_SOURCE: Final = f"any alone, or a region ({', '.join(REGIONS)}), {_A_NETWORK}"
_MAPPED_BITS: Final = 96


@dataclass(frozen=True, slots=True)
class AllowedSources:
    """Networks that may deliver (None: all may) and proxies whose X-Forwarded-For is believed."""

    networks: tuple[Network, ...] | None = None
    proxies: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, allowed: str, trusted_proxies: Iterable[str] = ()) -> "AllowedSources":
        """From the settings' words. Raises ValueError that names the item and what is allowed."""
        proxies = tuple(_network(item, _A_NETWORK) for item in trusted_proxies)
        items = [item.strip().lower() for item in allowed.split(",") if item.strip()]
        if items == [_ANY]:
            return cls(None, proxies)
        if not items or _ANY in items:
            raise ValueError(f"{allowed!r} is not {_A_SOURCE}")
        networks = (network for item in items for network in _region_or_network(item))
        return cls(tuple(networks), proxies)

    def allow(self, peer: str | None, forwarded: Sequence[bytes] = ()) -> bool:
        """Whether a delivery may come from here.

        `peer` is the other end of the connection, `forwarded` all X-Forwarded-For headers as they
        came. Where the source can't be told, it is not allowed.
        """
        if self.networks is None:
            return True
        source = self.source(peer, forwarded)
        return source is not None and _is_in(source, self.networks)

    def source(self, peer: str | None, forwarded: Sequence[bytes] = ()) -> Address | None:
        """Who delivers: the nearest address that is not a trusted proxy; None where unclear.

        Each proxy adds on the right what it saw, so only what trusted ones added is believed: the
        walk goes from the right and ends at the first other address.
        """
        source = _address(peer or "")
        hops = b",".join(forwarded).decode("latin-1").split(",") if forwarded else []
        while source is not None and hops and _is_in(source, self.proxies):
            source = _address(_without_port(hops.pop().strip()))
        return source


def _region_or_network(item: str) -> tuple[Network, ...]:
    if item in REGIONS:
        return tuple(ip_network(address) for address in REGIONS[item])
    return (_network(item, _A_SOURCE),)


def _network(item: str, expected: str) -> Network:
    try:
        network = ip_network(item)
    except ValueError:
        raise ValueError(f"{item!r} is not {expected}{_hint(item)}") from None
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped and network.prefixlen >= _MAPPED_BITS:
        return IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    return network


def _hint(item: str) -> str:
    """The network that was meant where an address inside it was written."""
    try:
        return f"; for this network write {ip_network(item, strict=False)}"
    except ValueError:
        return ""


def _address(text: str) -> Address | None:
    """An address, None for what is none; IPv4 mapped into IPv6 is IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address
    return address


def _without_port(text: str) -> str:
    """Some proxies write `1.2.3.4:567` and `[2001:db8::1]:567`."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
