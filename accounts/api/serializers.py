"""The bodies and answers of the account calls."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            raise serializers.ValidationError({name: [_("There is no such field here.")] for name in sorted(unknown)})
        return super().to_internal_value(data)


class UserSerializer(serializers.Serializer[Any]):
    """USER."""

    id = serializers.IntegerField()
    nickname = serializers.CharField()
    avatar_url = serializers.CharField()
    is_guest = serializers.BooleanField()
    former = serializers.BooleanField()


class MeSerializer(UserSerializer):
    """USER with what only its owner sees."""

    avatar = serializers.CharField()
    language = serializers.CharField()
    is_staff = serializers.BooleanField()


class GuestSerializer(StrictSerializer):
    nickname = serializers.CharField(max_length=200)
    avatar = serializers.CharField(required=False, max_length=32, help_text="the name of a drawn avatar")


class PasswordSerializer(StrictSerializer):
    nickname = serializers.CharField(max_length=200)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class ProfileSerializer(StrictSerializer):
    nickname = serializers.CharField(required=False, max_length=200)
    avatar = serializers.CharField(required=False, max_length=32)
    language = serializers.CharField(required=False, max_length=16)
    password = serializers.CharField(required=False, max_length=1024, trim_whitespace=False)


class SignedInSerializer(serializers.Serializer[Any]):
    user = UserSerializer()
    token = serializers.CharField(allow_null=True, help_text="null where a session was started instead")


class TicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField(help_text="good once, for 60 seconds, as ?ticket= of the socket")


class ErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    retry_after = serializers.FloatField(required=False)
