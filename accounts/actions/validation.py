"""What is refused of what people say of themselves."""

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.errors import ChatError
from accounts.models import User
from accounts.nicknames import clean_nickname, nickname_key


def invalid(field: str, *sentences: str) -> ChatError:
    """Return the error for a field that is not what it should be."""
    return ChatError("invalid", sentences[0], 400, fields={field: list(sentences)})


def valid_nickname(nickname: str) -> str:
    """Return `nickname` cleaned. Raises ChatError `invalid`."""
    try:
        return clean_nickname(nickname)
    except ValidationError as error:
        raise invalid("nickname", *error.messages) from None


def reserved_nicknames(keys: set[str]) -> set[str]:
    """Return which of these nicknames, by key, cannot be chosen now though nobody has them (settings)."""
    found: set[str] = import_string(settings.RESERVED_NICKNAMES)(keys)
    return found


def check_not_reserved(nickname: str) -> None:
    """Raise ChatError `invalid` for a nickname that moderators took away from somebody lately."""
    if reserved_nicknames({nickname_key(nickname)}):
        raise invalid("nickname", _("A moderator took this nickname away. Please choose another."))


def check_name(author: User, text: str, field: str = "nickname", room_id: int | None = None) -> None:
    """Raise ChatError `invalid` for what `author`, stored or not, may not call himself or a room (settings)."""
    import_string(settings.SCREEN_NAME)(author, text, field, room_id)


def check_password(password: str, user: User) -> None:
    """Raise ChatError `invalid` for a password that is too weak for `user`."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise invalid("password", *error.messages) from None
