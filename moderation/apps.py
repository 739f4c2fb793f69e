from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

GROUP = "Moderators"
RIGHTS = [
    "accounts.view_user", "chat.view_room", "chat.view_message", "audit.view_entry",
    "moderation.view_act", "moderation.ban_people", "moderation.mute_people", "moderation.sign_out_people",
    "moderation.reset_profiles",
    "moderation.take_down_messages", "moderation.change_rooms", "moderation.undo_raids",
    "moderation.view_case", "moderation.change_case",
    "moderation.view_filter", "moderation.add_filter", "moderation.change_filter", "moderation.delete_filter",
    "moderation.view_heldmessage", "moderation.change_heldmessage",
]  # fmt: skip
"""What moderators may do on a new site. Administrators change that at the group, or make other groups."""


class DeskConfig(AdminConfig):
    """Django's admin, at the desk's own site."""

    default_site = "moderation.site.DeskSite"


class ModerationConfig(AppConfig):
    name = "moderation"
    verbose_name = _("Moderation")

    def ready(self) -> None:
        post_migrate.connect(make_group, sender=self, dispatch_uid="moderation.make_group")


def make_group(using: str, **_options: Any) -> None:
    """Make the group of moderators on a new site; one that is there keeps the rights that it was given."""
    from django.apps import apps  # noqa: PLC0415 - models are there only by now
    from django.contrib.auth.management import create_permissions  # noqa: PLC0415
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415

    group, is_new = Group.objects.using(using).get_or_create(name=GROUP)
    if not is_new:
        return
    for label in {right.partition(".")[0] for right in RIGHTS}:
        # The signal comes to each app in turn: those after this one have no permissions yet.
        create_permissions(apps.get_app_config(label), using=using, verbosity=0)
    wanted = [right.partition(".")[2] for right in RIGHTS]
    group.permissions.set(Permission.objects.using(using).filter(codename__in=wanted))
