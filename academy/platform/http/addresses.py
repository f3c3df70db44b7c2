"""Whose request this is, as far as the network says."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings


def client_address(meta: Mapping[str, Any]) -> str:
    """The client's address; of an IPv6 address its /64, which one household has to itself.

    Behind our own proxy that is the hop it added itself: everything left of it the client may
    have written. Empty when there is no address, as on a unix socket.
    """
    address = str(meta.get("REMOTE_ADDR") or "")
    if settings.BEHIND_PROXY:
        address = str(meta.get("HTTP_X_FORWARDED_FOR") or "").rpartition(",")[2].strip() or address
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
