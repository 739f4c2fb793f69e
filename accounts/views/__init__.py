"""The pages of coming in and going out."""

from accounts.views.banned import ban_card
from accounts.views.entering import enter, enter_context, sign_in, sign_up
from accounts.views.leaving import set_language, sign_out
from accounts.views.links import reset, set_up
from accounts.views.pictures import picture

__all__ = [
    "ban_card",
    "enter",
    "enter_context",
    "picture",
    "reset",
    "set_language",
    "set_up",
    "sign_in",
    "sign_out",
    "sign_up",
]
