"""How often accounts are made and passwords tried, from one address and for one account."""

from django.http import HttpRequest

from accounts.addresses import address_of_request
from accounts.limits import ARRIVALS, PASSWORDS, limiter
from accounts.nicknames import nickname_key


def throttle_arrival(request: HttpRequest) -> None:
    """Count an account made from this address. Raises ChatError `rate_limited`."""
    limiter.take(ARRIVALS, address_of_request(request))


def throttle_password(request: HttpRequest, nickname: str) -> None:
    """Count a password tried from this address and for this nickname. Raises ChatError `rate_limited`."""
    limiter.take(PASSWORDS, address_of_request(request))
    limiter.take(PASSWORDS, nickname_key(nickname))
