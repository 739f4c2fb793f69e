"""Chooses the language of a page."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.languages import supported_language

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def LanguageMiddleware(get_response: GetResponse) -> GetResponse:  # noqa: N802 - settings name it like a class
    """Activate the language of the cookie, else of the browser. Any Chinese becomes Simplified Chinese."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
            patch_vary_headers(response, ["Accept-Language"])
            return response

    return middleware


def language_of(request: HttpRequest) -> str:
    """Return the language of the cookie, else of the browser, else the site's own."""
    chosen = supported_language(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
    if chosen:
        return chosen
    for accepted, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500]):
        if language := supported_language(accepted):
            return language
    return settings.LANGUAGE_CODE
