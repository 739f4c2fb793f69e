"""Who was banned is told so where one comes in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.credentials import ban_of


def ban_card(request: HttpRequest) -> HttpResponse | None:
    """Return the card that tells of the ban of whose session or token a request comes with; None for all others."""
    ban = ban_of(request.headers.get("Authorization"), request.session.session_key)
    return render(request, "accounts/banned.html", {"ban": ban}, status=ban.status) if ban else None
