"""The server does not wait for ever, nor take whatever comes."""

import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest

from chatsite.management.commands.serve import KEEP_ALIVE_SECONDS
from tests.servers import Site

MEGABYTE = 1024 * 1024


def dial(server: Site) -> socket.socket:
    url = urlsplit(server.url)
    return socket.create_connection((url.hostname or "", url.port or 0), timeout=10)


def test_a_head_without_end_ends_the_connection(server: Site):
    with dial(server) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        with pytest.raises(OSError):
            line.sendall((b"X-Much: " + b"y" * 990 + b"\r\n") * 8000)
    assert httpx.get(server.url).status_code == 200


def test_a_head_of_the_size_that_browsers_send_passes(server: Site):
    assert httpx.get(server.url, headers={"X-Much": "y" * 8000}).status_code == 200


def test_a_large_body_is_refused_before_it_is_read(server: Site):
    response = httpx.post(f"{server.url}/api/v1/guests/", content=b"x" * (MEGABYTE + 1))
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


def test_an_idle_connection_is_kept_for_longer_than_a_proxy_would_use_it_again(server: Site):
    with dial(server) as line:
        for pause in (0, 7):
            time.sleep(pause)
            line.sendall(b"HEAD /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert line.recv(12) == b"HTTP/1.1 200"
            line.recv(MEGABYTE)
    assert KEEP_ALIVE_SECONDS > 60  # nginx's and most others'
