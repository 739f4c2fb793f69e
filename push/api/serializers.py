"""The bodies and answers of push."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import StrictSerializer
from chat.telling import Why
from push.models import Outcome, Result


class KeySerializer(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="what a browser subscribes with (`applicationServerKey`), base64url")


class SubscriptionKeysSerializer(StrictSerializer):
    p256dh = serializers.CharField(max_length=100)
    auth = serializers.CharField(max_length=40)


class NewSubscriptionSerializer(StrictSerializer):
    """What a browser's `PushSubscription.toJSON()` says."""

    endpoint = serializers.CharField(max_length=1000, help_text="https")
    keys = SubscriptionKeysSerializer()
    expirationTime = serializers.FloatField(required=False, allow_null=True, help_text="is not used")  # noqa: N815


class SubscriptionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    device = serializers.CharField(allow_blank=True, help_text="such as Firefox · Linux; empty where it is not known")
    current = serializers.BooleanField(help_text="made under the session or token that asks")
    created_at = serializers.DateTimeField()
    called_at = serializers.DateTimeField(allow_null=True)
    failures = serializers.IntegerField(help_text="calls in a row that came to nothing")


class SubscriptionsSerializer(serializers.Serializer[Any]):
    subscriptions = SubscriptionSerializer(many=True)


class QuietSerializer(StrictSerializer):
    do_not_disturb = serializers.BooleanField()


class CallSerializer(serializers.Serializer[Any]):
    device = serializers.CharField(allow_blank=True)
    result = serializers.ChoiceField(choices=Result.values)
    detail = serializers.CharField()
    status = serializers.IntegerField(help_text="what its push service answered, 0 for nothing")
    at = serializers.DateTimeField()


class ToldSerializer(serializers.Serializer[Any]):
    """Why one is told of a message, or is not."""

    message = serializers.IntegerField()
    told = serializers.BooleanField()
    why = serializers.ChoiceField(choices=Why.values)
    detail = serializers.CharField(help_text="the same as a sentence")
    outcome = serializers.ChoiceField(
        choices=[outcome.name.lower() for outcome in Outcome], allow_null=True,
        help_text="what came of calling one's devices; null where none was to be called",
    )  # fmt: skip
    outcome_detail = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True, help_text="when that was settled")
    devices = CallSerializer(many=True)
