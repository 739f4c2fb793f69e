"""The bodies and answers of the account calls."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.avatars import drawn_avatars
from accounts.models import SignUp

_TYPES: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], type], ...] = (
    (serializers.BooleanField, bool),
    (serializers.IntegerField, int),
    (serializers.CharField, str),
)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know, and values that are only like what they should be: "1" for 1."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            raise serializers.ValidationError({name: [_("There is no such field here.")] for name in sorted(unknown)})
        if isinstance(data, dict):
            wrong = [name for name, value in data.items() if not self.is_typed(self.fields[name], value)]
            if wrong:
                raise serializers.ValidationError({name: [_("This is of the wrong type.")] for name in wrong})
        return super().to_internal_value(data)

    def is_typed(self, field: serializers.Field[Any, Any, Any, Any], value: Any) -> bool:
        """Tell whether a value has the JSON type of its field. What is null is the field's own matter."""
        if isinstance(field, serializers.ListField) and isinstance(value, list):
            return all(self.is_typed(field.child, item) for item in value)
        wanted = next((kind for sort, kind in _TYPES if isinstance(field, sort)), None)
        if wanted is None or value is None:
            return True
        return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))


class QuerySerializer(StrictSerializer):
    """The query of a URL, where everything is text."""

    def is_typed(self, _field: serializers.Field[Any, Any, Any, Any], _value: Any) -> bool:
        """Take text for anything."""
        return True


class UserSerializer(serializers.Serializer[Any]):
    """USER."""

    id = serializers.IntegerField()
    nickname = serializers.CharField()
    avatar_url = serializers.CharField()
    is_guest = serializers.BooleanField()
    former = serializers.BooleanField()


class TakenAwaySerializer(serializers.Serializer[Any]):
    """What moderators took from someone, until he or she chooses something else."""

    nickname = serializers.CharField(allow_null=True)
    picture = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class MeSerializer(UserSerializer):
    """USER with what only its owner sees."""

    avatar = serializers.CharField(help_text="the name of the drawn avatar")
    picture = serializers.BooleanField(help_text="whether an uploaded picture is shown instead")
    language = serializers.CharField(allow_blank=True)
    is_staff = serializers.BooleanField()
    is_admin = serializers.BooleanField()
    has_password = serializers.BooleanField()
    room_order = serializers.ChoiceField(choices=["activity", "hand"])
    created_at = serializers.DateTimeField()
    taken_away = TakenAwaySerializer(allow_null=True)


class SiteSerializer(serializers.Serializer[Any]):
    """Who may come in."""

    guests = serializers.BooleanField(help_text="whether a nickname is enough")
    sign_up = serializers.ChoiceField(choices=SignUp.values)


class GuestSerializer(StrictSerializer):
    nickname = serializers.CharField(max_length=200)
    avatar = serializers.ChoiceField(required=False, choices=drawn_avatars(), help_text="the name of a drawn avatar")
    invitation = serializers.CharField(required=False, max_length=64, default="", help_text="a code")


class AccountSerializer(GuestSerializer):
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class PasswordSerializer(StrictSerializer):
    nickname = serializers.CharField(max_length=200)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class ProfileSerializer(StrictSerializer):
    nickname = serializers.CharField(required=False, max_length=200)
    avatar = serializers.ChoiceField(required=False, choices=drawn_avatars())
    language = serializers.CharField(required=False, max_length=16, help_text="a language tag, such as zh-CN")
    password = serializers.CharField(required=False, max_length=1024, trim_whitespace=False)
    current_password = serializers.CharField(
        required=False, max_length=1024, trim_whitespace=False, help_text="needed by session to change a password"
    )


class PictureSerializer(StrictSerializer):
    file = serializers.FileField(help_text="PNG, JPEG, WebP or GIF, at most 8 MB and 40 megapixels")


class SessionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    current = serializers.BooleanField()
    browser = serializers.CharField(allow_blank=True, help_text="such as Firefox · Linux; empty where it is not known")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField()


class SessionsSerializer(serializers.Serializer[Any]):
    sessions = SessionSerializer(many=True)


class TokenSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    current = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class AccessTokensSerializer(serializers.Serializer[Any]):
    tokens = TokenSerializer(many=True)


class NewTokenSerializer(StrictSerializer):
    name = serializers.CharField(max_length=80)
    days = serializers.IntegerField(required=False, min_value=1, max_value=365, default=60)


class MadeTokenSerializer(TokenSerializer):
    secret = serializers.CharField(help_text="told this once")


class LinkSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="good once")
    expires_at = serializers.DateTimeField()


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
