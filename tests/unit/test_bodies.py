"""Bodies that are too large are refused before they are taken in."""

from typing import Any

from chatsite.bodies import MAX_BODY, MAX_PICTURE, limit_bodies


async def _ask(
    headers: list[tuple[bytes, bytes]], *chunks: bytes, path: str = "/api/v1/rooms/"
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Send a request through the limit; return what the application received, and what was answered."""
    parts = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    received: list[dict[str, Any]] = []
    answered: list[dict[str, Any]] = []

    async def application(_scope: Any, receive: Any, _send: Any) -> None:
        for _part in parts:
            received.append(await receive())

    async def receive() -> dict[str, Any]:
        return parts[len(received)] if len(received) < len(parts) else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        answered.append(message)

    await limit_bodies(application)({"type": "http", "path": path, "headers": headers}, receive, send)
    return received, answered


async def test_a_body_announced_as_too_large_is_not_read() -> None:
    received, answered = await _ask([(b"content-length", str(MAX_BODY + 1).encode())], b"x")
    assert received == []
    assert answered[0]["status"] == 413


async def test_a_body_that_grows_too_large_is_taken_no_further_and_answered() -> None:
    received, answered = await _ask([], b"x" * MAX_BODY, b"x")
    assert [message["type"] for message in received] == ["http.request", "http.disconnect"]
    assert answered[0]["status"] == 413


async def test_a_body_of_the_largest_size_passes() -> None:
    received, _answered = await _ask([(b"content-length", str(MAX_BODY).encode())], b"x" * MAX_BODY)
    assert [message["type"] for message in received] == ["http.request"]


async def test_a_picture_may_be_larger_and_not_without_end() -> None:
    path = "/api/v1/me/picture/"
    large = (b"content-length", str(MAX_PICTURE).encode())
    received, _answered = await _ask([large], b"x" * MAX_PICTURE, path=path)
    assert [message["type"] for message in received] == ["http.request"]
    _received, answered = await _ask([(b"content-length", str(MAX_PICTURE + 1).encode())], b"x", path=path)
    assert answered[0]["status"] == 413
