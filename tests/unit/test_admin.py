"""What moderators see in the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.actions import create_token
from accounts.models import User
from chat.actions.direct import open_direct_room
from chat.models import Invitation, Message, Room
from moderation.actions.raids import Origin, find_raiders
from moderation.admin.groups import GroupForm, RightsAdmin
from moderation.admin.messages import MessageAdmin
from moderation.admin.people import PersonAdmin
from moderation.admin.people_forms import RightsForm
from moderation.admin.raids import _raider
from moderation.admin.rights import RIGHTS, code_of
from moderation.admin.rooms import RoomAdmin
from tests.unit.cast import Cast, draft_of, post, say_many


def test_private_chats_are_not_there(cast: Cast) -> None:
    chat = open_direct_room(cast.ann, cast.bob.pk)
    post(draft_of(cast.ann, chat, "between us"), draft_of(cast.ann, cast.square, "for all"))
    request = RequestFactory().get("/admin/")
    assert chat not in RoomAdmin(Room, admin.site).get_queryset(request)
    bodies = MessageAdmin(Message, admin.site).get_queryset(request).values_list("body", flat=True)
    assert list(bodies) == ["for all"]


@pytest.fixture
def asked(cast: Cast) -> Any:
    """A request of an administrator."""
    request = RequestFactory().get("/admin/")
    request.user = User.objects.create_user("boss", "a good long password", is_staff=True, is_superuser=True)
    return request


def test_a_raid_shows_the_latest_three_texts_of_each_and_asks_no_more_for_more_people(cast: Cast) -> None:
    chat = open_direct_room(cast.bob, cast.ann.pk)
    say_many(cast.bob, cast.square, 4, "word")
    post(draft_of(cast.bob, chat, "secret"))
    with CaptureQueriesContext(connection) as few:
        (bob,) = [user for user in find_raiders(Origin(since=cast.bob.created_at)) if user.pk == cast.bob.pk]
    assert [message.body for message in bob.latest] == ["word 3", "word 2", "word 1"]  # type: ignore[attr-defined]
    for user in (cast.gus, cast.mia, cast.rex):
        say_many(user, cast.square, 2)
    with CaptureQueriesContext(connection) as many:
        find_raiders(Origin(since=cast.ann.created_at))
    assert len(many) == len(few)


def test_the_built_in_group_stays_and_others_go(cast: Cast, asked: Any) -> None:
    groups = RightsAdmin(Group, admin.site)
    assert not groups.has_delete_permission(asked, Group.objects.get(name="Moderators"))
    assert groups.has_delete_permission(asked, Group.objects.create(name="Readers"))
    assert "delete_selected" not in groups.get_actions(asked)


def test_a_group_is_offered_the_rights_that_mean_something_and_keeps_what_it_has(cast: Cast) -> None:
    group = Group.objects.create(name="Readers")
    offered = GroupForm(instance=group).fields["permissions"].queryset  # type: ignore[attr-defined]
    assert {code_of(right) for right in offered.select_related("content_type")} == set(RIGHTS)
    odd = Permission.objects.get(codename="delete_session", content_type__app_label="accounts")
    group.permissions.add(odd)
    choices = dict(GroupForm(instance=group).fields["permissions"].choices)  # type: ignore[attr-defined]
    assert choices[odd.pk] == odd.name
    assert len(choices) == len(RIGHTS) + 1


def test_who_makes_a_moderator_reads_what_that_one_will_be_able_to_do(cast: Cast) -> None:
    shown = str(RightsForm()["groups"])
    assert "Ban people and lift bans" in shown
    assert "checked" in shown


def test_a_persons_page_counts_one_browser_and_one_token(cast: Cast, asked: Any) -> None:
    create_token(cast.bob, "script", timedelta(days=1))
    facts = dict(PersonAdmin(User, admin.site).dossier(asked, cast.bob)["facts"])
    assert facts["signed in"] == "0 browsers · 1 token"


def test_of_an_invitation_only_who_is_newer_than_it_is_chosen(cast: Cast) -> None:
    made_at = cast.ann.created_at + timedelta(seconds=1)
    old, new = cast.ann, User.objects.create_user("newcomer", None, created_at=made_at + timedelta(seconds=1))
    invitation = Invitation(created_at=made_at)
    chosen = [(raider.was_here, raider.is_chosen) for raider in (_raider(old, invitation), _raider(new, invitation))]
    assert chosen == [(True, False), (False, True)]
    assert not _raider(old, None).is_chosen
