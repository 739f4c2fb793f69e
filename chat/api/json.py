"""JSON in and out, by the codec of the socket."""

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


class StrictJSONParser(BaseParser):
    """Parses JSON bodies; what is not JSON, too deep, or has half a surrogate pair, is refused."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        try:
            return msgspec.json.decode(stream.read())
        except (msgspec.DecodeError, RecursionError, ValueError):
            raise ParseError(_("This is not valid JSON.")) from None


class JSONRenderer(BaseRenderer):
    """Renders answers as the socket's frames are."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> bytes:
        return b"" if data is None else msgspec.json.encode(data, enc_hook=str)
