"""The OpenAPI document: made once a language, and what it says of the one call that is not a DRF view."""

from functools import cache
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator

_PARAMETERS = (
    ("epoch", "string", "the epoch of the last answer; without it the answer begins with `welcome`"),
    ("rooms", "string", "what is held, as ID:CHANGE separated by commas"),
    ("wait", "integer", "seconds to wait for something to happen, at most 50"),
    ("tab", "string", "a name of your own making for this client: what comes between two of its polls is kept"),
)


def add_sync(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Add `GET sync/`, which waits and is therefore asynchronous, to the document."""
    events = {"$ref": "#/components/schemas/Events"}
    answer = {"allOf": [events, {"type": "object", "properties": {"epoch": {"type": "string", "format": "uuid"}}}]}
    refusal = {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    result["paths"]["/api/v1/sync/"] = {
        "get": {
            "operationId": "sync_retrieve",
            "description": "Long poll: what a socket would have brought.",
            "tags": ["sync"],
            "security": [{"token": []}, {"session": []}],
            "parameters": [
                {"in": "query", "name": name, "schema": {"type": kind}, "description": text}
                for name, kind, text in _PARAMETERS
            ],
            "responses": {
                "200": {"description": "", "content": {"application/json": {"schema": answer}}},
                **dict.fromkeys(("400", "401", "403", "429"), refusal),
            },
        }
    }
    return result


def schema(_request: HttpRequest) -> HttpResponse:
    """Answer with the OpenAPI 3 document, as JSON."""
    return HttpResponse(_document(get_language() or ""), "application/vnd.oai.openapi+json")


@cache
def _document(_language: str) -> bytes:
    # 160 ms of work, for anybody who asks.
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    return msgspec.json.encode(generator.get_schema(request=None, public=True), enc_hook=str)  # type: ignore[no-untyped-call]
