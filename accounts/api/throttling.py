"""How often REST may be called."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.addresses import address_of_request
from accounts.limits import ADDRESS, COMMANDS, limiter
from accounts.models import User

if TYPE_CHECKING:
    from rest_framework.views import APIView


class BucketThrottle(BaseThrottle):
    """Counts each call against its address and its user, with the socket's commands."""

    def allow_request(self, request: Request, _view: "APIView") -> bool:
        if isinstance(request.user, User):
            limiter.take(COMMANDS, request.user.pk)
        limiter.take(ADDRESS, address_of_request(request._request))
        return True
