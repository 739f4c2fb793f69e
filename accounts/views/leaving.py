"""Going out, and the language of the page."""

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.actions import change_profile, note_sign_out
from accounts.languages import supported_language
from accounts.models import User
from accounts.views.requests import next_of


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    user = request.user
    logout(request)
    if isinstance(user, User):
        note_sign_out(user)
    return redirect("enter")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language of the page, in a cookie and with the account."""
    language = supported_language(request.POST.get("language", ""))
    response = HttpResponseRedirect(next_of(request))
    if language:
        if isinstance(request.user, User):
            change_profile(request.user, {"language": language})
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=settings.SESSION_COOKIE_AGE, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE, httponly=True,
        )  # fmt: skip
    return response
