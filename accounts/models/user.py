from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.nicknames import MAX_LENGTH, clean_nickname, nickname_key


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with that nickname, whatever its case and width."""
        return self.get(nickname_key=nickname_key(username or ""))

    def create_user(self, nickname: str, password: str | None = None, **fields: Any) -> "User":
        """Store a user. Without a password it is a guest.

        Raises ValidationError for a nickname that cannot be, IntegrityError for one that is taken.
        """
        user = self.model(is_guest=password is None, **fields)
        user.set_nickname(nickname)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, nickname_key: str, password: str, **fields: Any) -> "User":
        """Store an administrator; `manage.py createsuperuser` calls the nickname by its key's name."""
        return self.create_user(nickname_key, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, or a bot. A guest has no password; a former user keeps the messages, and freed the nickname."""

    nickname = models.CharField(_("nickname"), max_length=MAX_LENGTH)
    nickname_key = models.CharField(
        _("nickname without case and width"), max_length=3 * MAX_LENGTH, unique=True, null=True, editable=False
    )
    avatar = models.CharField(_("avatar"), max_length=32, default="fox")
    # The token of an uploaded picture, which is shown instead of the drawn avatar; "" for none.
    picture = models.CharField(_("picture"), max_length=40, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=16, blank=True)
    room_order = models.CharField(
        max_length=8, choices=[("activity", _("by last activity")), ("hand", _("by hand"))], default="activity"
    )
    is_guest = models.BooleanField(_("guest"), default=True)
    is_former = models.BooleanField(_("former"), default=False)
    is_bot = models.BooleanField(_("bot"), default=False)
    is_staff = models.BooleanField(_("moderator"), default=False)
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Not active means banned."))
    banned_until = models.DateTimeField(_("banned until"), null=True, blank=True, editable=False)
    ban_reason = models.TextField(_("why banned"), blank=True, editable=False)
    muted_until = models.DateTimeField(_("muted until"), null=True, blank=True)
    # Rises when what signed in before may no longer count: every open socket then looks again (PROTOCOL, rule 6).
    access_version = models.PositiveIntegerField(default=0, editable=False)
    # The database's clock when it rose: whose versions are worth comparing. Never an order of anything.
    access_changed_at = models.DateTimeField(null=True, db_index=True, editable=False)
    # From where the account was made: for undoing raids, and no longer than what is deleted is kept.
    arrived_from = models.GenericIPAddressField(_("came from"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "nickname_key"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.nickname

    def set_nickname(self, nickname: str) -> Self:
        """Set nickname and key. Raises ValidationError for one that cannot be."""
        self.nickname = clean_nickname(nickname)
        self.nickname_key = nickname_key(self.nickname)
        if not self.nickname_key:
            raise ValidationError(_("Please choose a nickname."), code="required")
        return self

    def get_short_name(self) -> str:
        return self.nickname
