"""Errors over REST: `{code, detail, fields?, retry_after?}` (PROTOCOL, "REST")."""

import logging
import math
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from chat.errors import ChatError, NotFound, Unavailable
from database.threads import Unavailable as DatabaseUnavailable

logger = logging.getLogger(__name__)

_CODES: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "unauthenticated",
    exceptions.AuthenticationFailed: "unauthenticated",
    exceptions.PermissionDenied: "forbidden",
    DjangoPermissionDenied: "forbidden",
    exceptions.NotFound: "not_found",
    Http404: "not_found",
    exceptions.Throttled: "rate_limited",
}


def exception_handler(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Return the answer for an exception that a REST view raised; None for a fault of ours."""
    set_rollback()
    if isinstance(error, DatabaseUnavailable):
        logger.error("The database did not answer: %s", error)
        error = Unavailable()
    if isinstance(error, ChatError):
        return _response(error)
    if isinstance(error, exceptions.ValidationError):
        return Response(_invalid(error), error.status_code)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, DjangoPermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        code = _CODES.get(type(error), "invalid")
        headers = {"WWW-Authenticate": "Bearer"} if code == "unauthenticated" else None
        status = 401 if code == "unauthenticated" else error.status_code
        return Response({"code": code, "detail": str(error.detail)}, status, headers=headers)
    return None


@csrf_exempt
def nothing_here(_request: HttpRequest, unknown: str) -> JsonResponse:  # noqa: ARG001 - the path that is not one
    """Answer for a path that there is not, or whose number cannot be one."""
    error = NotFound()
    return JsonResponse({"code": error.code, "detail": str(error.detail)}, status=error.status)


def _response(error: ChatError) -> Response:
    body: dict[str, Any] = {"code": error.code, "detail": str(error.detail)}
    headers = {}
    if error.fields:
        body["fields"] = {name: [str(sentence) for sentence in sentences] for name, sentences in error.fields.items()}
    if error.retry_after is not None:
        body["retry_after"] = error.retry_after
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    if suggestion := getattr(error, "suggestion", None):
        body["suggestion"] = suggestion
    return Response(body, error.status, headers=headers)


def _invalid(error: exceptions.ValidationError) -> dict[str, Any]:
    if not isinstance(error.detail, dict):
        return {"code": "invalid", "detail": " ".join(str(sentence) for sentence in error.detail)}
    fields = {str(name): _sentences(value) for name, value in error.detail.items()}
    name, sentences = next(iter(fields.items()))
    return {"code": "invalid", "detail": f"{name}: {sentences[0]}" if sentences else _("Invalid."), "fields": fields}


def _sentences(value: Any) -> list[str]:
    return [str(sentence) for sentence in value] if isinstance(value, list) else [str(value)]
