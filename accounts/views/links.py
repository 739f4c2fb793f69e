"""One-time links: for the first administrator, and for a new password."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.actions import create_administrator, find_reset, reset_password, set_up_link_is_good
from accounts.errors import ChatError
from accounts.forms import ResetForm, SetUpForm
from accounts.signing_in import start_session
from accounts.views.requests import show


@never_cache
@sensitive_post_parameters("password", "password_again")
def set_up(request: HttpRequest, secret: str) -> HttpResponse:
    """Make the first administrator, by the one-time link that the server printed."""
    if not set_up_link_is_good(secret):
        raise Http404
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = create_administrator(secret, form.cleaned_data["nickname"], form.cleaned_data["password"])
        except ChatError as error:
            show(error, form)
        else:
            start_session(request, user)
            return redirect("home")
    return render(request, "accounts/set_up.html", {"form": form, "next": ""}, status=400 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password")
def reset(request: HttpRequest, secret: str) -> HttpResponse:
    """Set a new password, by the one-time link that an administrator handed out."""
    user = find_reset(secret)
    if user is None:
        raise Http404
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = reset_password(secret, form.cleaned_data["password"])
        except ChatError as error:
            show(error, form)
        else:
            start_session(request, user)
            return redirect("home")
    context = {"form": form, "person": user, "next": ""}
    return render(request, "accounts/reset.html", context, status=400 if form.errors else 200)
