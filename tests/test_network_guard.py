"""The suite must not reach the network: the guard in conftest is proved here."""

from __future__ import annotations

import contextlib
import socket

import pytest

# Addresses and a name that are set aside for documentation: RFC 5737, RFC 3849, RFC 2606.
OUTSIDE_V4 = "192.0.2.1"
OUTSIDE_V6 = "2001:db8::1"
OUTSIDE_NAME = "example.org"

refused = pytest.raises(pytest.fail.Exception, match="the suite runs offline")


@pytest.mark.parametrize(
    "family,address",
    [
        (socket.AF_INET, (OUTSIDE_V4, 443)),
        (socket.AF_INET6, (OUTSIDE_V6, 443, 0, 0)),
    ],
)
def test_a_connection_to_the_outside_is_refused(
    family: socket.AddressFamily, address: tuple[str, int]
) -> None:
    with socket.socket(family) as client, refused:
        client.connect(address)
    with socket.socket(family) as client, refused:
        client.connect_ex(address)


def test_a_datagram_to_the_outside_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client, refused:
        client.sendto(b"", (OUTSIDE_V4, 53))


@pytest.mark.parametrize("host", [OUTSIDE_NAME, OUTSIDE_NAME.encode(), OUTSIDE_V4])
def test_a_name_is_not_looked_up(host: str | bytes) -> None:
    with refused:
        socket.getaddrinfo(host, 443)


def test_code_that_swallows_exceptions_cannot_hide_a_connection() -> None:
    def careless() -> None:
        with contextlib.suppress(Exception):
            socket.create_connection((OUTSIDE_NAME, 443))

    with refused:
        careless()


def test_loopback_is_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        accepted, _ = server.accept()
        with accepted:
            client.sendall(b"here")
            assert accepted.recv(4) == b"here"
