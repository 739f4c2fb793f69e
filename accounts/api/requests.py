"""What views take from a request, and how all of them refuse."""

from typing import Any, cast

from rest_framework.request import Request

from accounts.api.serializers import ErrorSerializer
from accounts.credentials import Identity
from accounts.models import User

REFUSALS = dict.fromkeys((400, 401, 403, 404, 413, 429), ErrorSerializer)


def user_of(request: Request) -> User:
    """Return who calls."""
    return cast(User, request.user)


def identity_of(request: Request) -> Identity:
    """Return who calls, and by what he or she was recognised."""
    return cast(Identity, request.auth)


def valid(serializer_class: type[Any], given: Any) -> dict[str, Any]:
    """Return the validated content of a body or query. Raises DRF's ValidationError."""
    serializer = serializer_class(data=given)
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)
