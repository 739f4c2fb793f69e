"""What is refused of what people say of themselves."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.errors import ChatError
from accounts.models import User
from accounts.nicknames import clean_nickname


def invalid(field: str, *sentences: str) -> ChatError:
    """Return the error for a field that is not what it should be."""
    return ChatError("invalid", sentences[0], 400, fields={field: list(sentences)})


def valid_nickname(nickname: str) -> str:
    """Return `nickname` cleaned. Raises ChatError `invalid`."""
    try:
        return clean_nickname(nickname)
    except ValidationError as error:
        raise invalid("nickname", *error.messages) from None


def check_password(password: str, user: User) -> None:
    """Raise ChatError `invalid` for a password that is too weak for `user`."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise invalid("password", *error.messages) from None
