"""How large attachments stand in the page that the server paints, as in `static/js/attachments.js`."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
WIDEST, TALLEST, NARROWEST = 400, 320, 48


@register.filter
def pictures(attachments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those ATTACHMENTs that are shown as pictures: their size is known."""
    return [one for one in attachments if _is_picture(one)]


@register.filter
def other_files(attachments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those ATTACHMENTs that are not shown as pictures."""
    return [one for one in attachments if not _is_picture(one)]


@register.filter
def box(attachment: dict[str, Any]) -> SafeString:
    """Return the attributes `width` and `height`, in pixels, of a picture that stands alone."""
    width, height = attachment["width"], attachment["height"]
    scale = min(1, WIDEST / width, TALLEST / height)
    width, height = (max(NARROWEST, round(side * scale)) for side in (width, height))
    return format_html('width="{}" height="{}"', width, height)


def _is_picture(attachment: dict[str, Any]) -> bool:
    return attachment["kind"] == "image" and bool(attachment.get("width") and attachment.get("height"))
