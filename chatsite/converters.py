"""Numbers in URLs."""

from django.urls import register_converter
from django.urls.converters import PathConverter


class NumberConverter:
    """An id, or a message's number: a whole number below 2^53, as on the wire."""

    regex = "[0-9]{1,16}"

    def to_python(self, value: str) -> int:
        """Return the number. Raises ValueError (which answers 404) for one that is too large."""
        number = int(value)
        if number >= 2**53:
            raise ValueError(value)
        return number

    def to_url(self, value: int) -> str:
        """Return the number as text."""
        return str(value)


class RoomConverter(NumberConverter):
    """A room's id, with or without its name: `12` or `12-tea-house`. What stands after the id is for people alone."""

    regex = r"[0-9]{1,16}(?:-[^/]*)?"

    def to_python(self, value: str) -> int:
        """Return the id. Raises ValueError (which answers 404) for one that is too large."""
        return super().to_python(value.partition("-")[0])


class AnythingConverter(PathConverter):
    """Whatever is left, with line breaks too, which Django's `path` passes over."""

    regex = r"[\s\S]+"


register_converter(AnythingConverter, "anything")
register_converter(NumberConverter, "number")
register_converter(RoomConverter, "room")
