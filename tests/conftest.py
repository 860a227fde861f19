"""What every test shares: outside data, the search for counter-examples, a shut network."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# PROJ fetches grids through a library of its own, past the guard below.
os.environ["PROJ_NETWORK"] = "OFF"

# No deadline: on a busy machine the time of one example says nothing. In CI the examples are the
# same in every run, so that a red run is about the change and not about luck.
settings.register_profile("local", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder beside the checkout with the data that is not part of it."""
    if not SHARED.is_dir():
        pytest.skip(f"no folder {SHARED.name}/ beside the checkout")
    return SHARED


def _is_loopback(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


# Audit event: place of the address, or of the host's name, among its arguments.
_NETWORK_EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    place = _NETWORK_EVENTS.get(event)
    if place is None:
        return
    address = arguments[place]
    if event.startswith("socket.get"):
        host = address
    elif isinstance(address, tuple):
        host = address[0]
    else:
        return  # a Unix socket, or one that is connected already
    if not _is_loopback(host):
        # No Exception but what pytest.fail raises: code that swallows errors cannot hide it.
        pytest.fail(f"the suite runs offline, but {event} was asked for {address!r}")


# An audit hook sees every socket of this process, whoever opened it; it cannot be taken off again.
# It has one gap: a name given straight to connect is looked up before the hook is asked, and only
# the connection is refused.
sys.addaudithook(_refuse_network)
