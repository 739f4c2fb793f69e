"""The server does not wait for ever, nor take whatever comes."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest

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
