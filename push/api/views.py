"""Devices, quiet, and why one was told."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS, identity_of, user_of, valid
from accounts.browsers import browser_name
from accounts.credentials import Credential
from accounts.limits import SUBSCRIPTIONS, limiter
from push.actions.quiet import is_quiet, set_quiet
from push.actions.subscriptions import devices_of, subscribe, unsubscribe
from push.actions.told import told_frame
from push.api.serializers import (
    KeySerializer,
    NewSubscriptionSerializer,
    QuietSerializer,
    SubscriptionSerializer,
    SubscriptionsSerializer,
    ToldSerializer,
)
from push.models import Subscription
from push.vapid import private_key, public_key


class KeyView(APIView):
    """The site's key."""

    @extend_schema(responses={200: KeySerializer, **REFUSALS})
    def get(self, _request: Request) -> Response:
        """Return the key with which a browser subscribes (VAPID)."""
        return Response({"key": public_key(private_key())})


class SubscriptionsView(APIView):
    """One's devices that are called."""

    @extend_schema(operation_id="push_subscriptions_list", responses={200: SubscriptionsSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """List them, the oldest first."""
        credential, user = identity_of(request).credential, user_of(request)
        devices = devices_of([user.pk]).get(user.pk, [])
        return Response({"subscriptions": [_frame(device, credential) for device in devices]})

    @extend_schema(
        request=NewSubscriptionSerializer,
        responses={200: SubscriptionSerializer, 201: SubscriptionSerializer, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Have this browser called when no tab is open, as long as it is signed in; 200 if it is known already."""
        body = valid(NewSubscriptionSerializer, request.data)
        user, credential = user_of(request), identity_of(request).credential
        limiter.take(SUBSCRIPTIONS, user.pk)
        device, is_new = subscribe(
            user,
            credential,
            endpoint=body["endpoint"],
            p256dh=body["keys"]["p256dh"],
            auth=body["keys"]["auth"],
            device=browser_name(request.headers.get("User-Agent", "")),
            language=get_language() or "",
        )
        return Response(_frame(device, credential), 201 if is_new else 200)


class SubscriptionView(APIView):
    """A device."""

    @extend_schema(responses={204: None, **REFUSALS})
    def delete(self, request: Request, subscription_id: int) -> Response:
        """Call it no more."""
        unsubscribe(user_of(request), subscription_id)
        return Response(status=204)


class NotificationsView(APIView):
    """How one wants to be told."""

    @extend_schema(responses={200: QuietSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """Tell whether one does not want to be disturbed."""
        return Response({"do_not_disturb": is_quiet(user_of(request))})

    @extend_schema(request=QuietSerializer, responses={200: QuietSerializer, **REFUSALS})
    def put(self, request: Request) -> Response:
        """Be left alone from now on, on every device, or no more."""
        body = valid(QuietSerializer, request.data)
        set_quiet(user_of(request), quiet=body["do_not_disturb"])
        return Response(body)


class ToldView(APIView):
    """Why one was told of a message."""

    @extend_schema(responses={200: ToldSerializer, **REFUSALS})
    def get(self, request: Request, message_id: int) -> Response:
        """Return by which rule one is told of a message or is not, and which devices were called with what result."""
        return Response(told_frame(user_of(request), message_id))


def _frame(device: Subscription, credential: Credential) -> dict[str, Any]:
    is_current = (device.session_id or "") == credential.session_key and device.token_id == credential.token_id
    return {
        "id": device.pk,
        "device": device.device,
        "current": is_current,
        "created_at": device.created_at,
        "called_at": device.called_at,
        "failures": device.failures,
    }
