"""The rights that mean something on this site, as people read them."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation.apps import GROUP

RIGHTS = {
    "accounts.view_user": gettext_lazy("See everybody, and where they came from"),
    "chat.view_room": gettext_lazy("See all rooms but private chats"),
    "chat.view_message": gettext_lazy("Read what is said in all rooms but private chats"),
    "moderation.take_down_messages": gettext_lazy("Take messages down and restore them"),
    "moderation.mute_people": gettext_lazy("Mute people everywhere"),
    "moderation.ban_people": gettext_lazy("Ban people and lift bans"),
    "moderation.sign_out_people": gettext_lazy("Sign people out everywhere"),
    "moderation.reset_profiles": gettext_lazy("Take away nicknames and pictures"),
    "moderation.change_rooms": gettext_lazy("Lock, archive and restore rooms"),
    "moderation.undo_raids": gettext_lazy("Undo a raid"),
    "moderation.view_act": gettext_lazy("See what was done"),
    "moderation.view_case": gettext_lazy("See reports"),
    "moderation.change_case": gettext_lazy("Take and close reports"),
    "moderation.view_heldmessage": gettext_lazy("See held messages"),
    "moderation.change_heldmessage": gettext_lazy("Let held messages through, or refuse them"),
    "moderation.view_filter": gettext_lazy("See filters"),
    "moderation.add_filter": gettext_lazy("Add filters"),
    "moderation.change_filter": gettext_lazy("Change filters"),
    "moderation.delete_filter": gettext_lazy("Delete filters"),
    "audit.view_entry": gettext_lazy("Read the log"),
    "accounts.change_admission": gettext_lazy("Decide who may come in"),
    "auth.view_group": gettext_lazy("See the groups of moderators"),
}
_ORDER = list(RIGHTS)


def code_of(right: Permission) -> str:
    """Return how a right is called in programs, such as "moderation.ban_people"."""
    return f"{right.content_type.app_label}.{right.codename}"


def name_of(right: Permission) -> str:
    """Return how people call a right."""
    return str(RIGHTS.get(code_of(right), right.name))


def in_order(rights: QuerySet[Permission]) -> list[Permission]:
    """Return rights in the order of `RIGHTS`, any others last."""
    places = {code: place for place, code in enumerate(_ORDER)}
    return sorted(rights.select_related("content_type"), key=lambda right: places.get(code_of(right), len(places)))


def rights_offered(group: Group | None) -> QuerySet[Permission]:
    """Return what a group can be given: the rights that mean something, and what it has already."""
    wanted = Q()
    for code in RIGHTS:
        app, _dot, name = code.partition(".")
        wanted |= Q(content_type__app_label=app, codename=name)
    if group is not None and group.pk:
        wanted |= Q(pk__in=group.permissions.values("pk"))
    return Permission.objects.filter(wanted)


def group_name(group: Group) -> str:
    """Return how people call a group."""
    return _("Moderators") if group.name == GROUP else group.name
