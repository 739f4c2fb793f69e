"""Requests as the server takes them to Django: in one thread, to their end."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from pytest_django import Settings

from chatsite.pages import PagesHandler

BODY = b'{"type": "message.send"}'


@pytest.mark.asyncio
async def test_a_body_can_be_read_though_who_sent_it_has_left(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    handler = PagesHandler()
    has_left, done = threading.Event(), threading.Event()
    found: list[bytes | Exception] = []

    def get_response(request: HttpRequest) -> HttpResponse:
        has_left.wait(10)
        try:
            found.append(request.read())
        except ValueError as error:
            found.append(error)
        done.set()
        return HttpResponse()

    events = iter([{"type": "http.request", "body": BODY}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, Any]:
        event = next(events)
        if event["type"] == "http.disconnect":
            # Long enough for Django to give the request up, and to close what it was in.
            asyncio.get_running_loop().call_later(0.3, has_left.set)
        return event

    async def send(event: dict[str, Any]) -> None:
        raise AssertionError(event)

    monkeypatch.setattr(handler, "get_response", get_response)
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/commands/", "query_string": b"",
        "headers": [(b"content-length", str(len(BODY)).encode())],
    }  # fmt: skip
    await handler(scope, receive, send)
    assert await asyncio.to_thread(done.wait, 10)
    assert found == [BODY]
