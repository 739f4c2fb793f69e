"""Uploaded pictures are shown."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.pictures import read_picture


@require_safe
def picture(_request: HttpRequest, token: str) -> HttpResponse:
    """Answer with an uploaded picture, for ever cacheable: another one has another name."""
    content = read_picture(token)
    if content is None:
        raise Http404
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return HttpResponse(content, "image/webp", headers=headers)
