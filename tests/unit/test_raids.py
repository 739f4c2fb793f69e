"""A raid is undone from the moment on at which its people came, and no further back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from chat.actions.invitations import create_invitation, redeem_invitation
from chat.actions.memberships import join_room
from chat.actions.messages import react_to_message
from chat.errors import Invalid
from chat.history import page_of_messages
from chat.models import InvitationUse, Message, Reaction
from moderation.actions.acts import undo_act
from moderation.actions.bans import lift_bans
from moderation.actions.endings import is_anything_left
from moderation.actions.raids import Extent, Origin, extent_of, find_raiders, undo_raid
from moderation.models import Act, ActKind
from tests.unit.cast import Cast, change, events_of, say
from tests.unit.conftest import Announced
from tests.unit.test_desk import PEOPLE, open_form


def standing() -> set[str]:
    """Return what stands."""
    return set(Message.objects.filter(deleted_at=None).values_list("body", flat=True))


def rows() -> list[Any]:
    """Return all messages, with whether they stand."""
    return list(Message.objects.order_by("pk").values_list("pk", "body", "deleted_at", "deleted_by"))


def ago(**time: float) -> Any:
    """Return when that was."""
    return timezone.now() - timedelta(**time)


def test_only_what_was_written_since_the_invitation_was_used_is_taken_down(cast: Cast, mod: User) -> None:
    first, link = create_invitation(cast.mia, cast.square.pk), create_invitation(cast.ann, cast.den.pk)
    change(cast.gus, created_at=ago(hours=3))
    redeem_invitation(cast.eve, first.code)
    for message in (say(cast.gus, cast.square, "before"), say(cast.eve, cast.square, "her before")):
        change(message, created_at=ago(hours=2))
    # An earlier link of another is not what they came by.
    InvitationUse.objects.create(invitation=first, user=cast.gus, created_at=ago(hours=2.5))
    InvitationUse.objects.create(invitation=link, user=cast.gus, created_at=ago(hours=1))
    redeem_invitation(cast.eve, link.code)
    say(cast.gus, cast.square, "after")
    say(cast.eve, cast.den, "her after")
    say(cast.bob, cast.den, "a bystander")
    origin = Origin(invitation=link.pk)
    found = {user.pk: user for user in find_raiders(origin)}
    assert set(found) == {cast.gus.pk, cast.eve.pk}
    gus = found[cast.gus.pk]
    assert (gus.standing_count, gus.raid_count) == (2, 1)  # type: ignore[attr-defined]
    assert extent_of(mod, list(found), origin) == Extent(
        people=2, messages=2, earlier=2, reactions=0, invitations=1, tokens=0
    )
    before = rows()
    act = undo_raid(mod, list(found), "a raid", origin)
    assert standing() == {"before", "her before", "a bystander"}
    undo_act(mod, act.pk)
    assert rows() == before


def reactions_under(message: Message) -> list[tuple[str, int]]:
    """Return the kinds of reaction that are seen under a message, and how many of each."""
    page = page_of_messages(message.author_id, message.room_id)
    (frame,) = [one for one in page["messages"] if one["id"] == message.pk]
    return [(kind["emoji"], kind["count"]) for kind in frame.get("reactions", [])]


def test_reactions_go_with_the_raid_and_come_back_with_its_undo(
    cast: Cast, mod: User, at_desk: Any, announced: Announced
) -> None:
    message = say(cast.ann, cast.square, "hello")
    join_room(cast.eve, cast.square.pk)
    for user, emoji in ((cast.gus, "👍"), (cast.eve, "💩"), (cast.bob, "👍"), (cast.gus, "💩")):
        react_to_message(user.pk, message.pk, emoji)
    Reaction.objects.filter(user=cast.gus, emoji="👍").update(created_at=ago(hours=2))
    origin = Origin(since=ago(hours=1))
    ids = [cast.gus.pk, cast.eve.pk]
    found = {user.pk: user for user in find_raiders(origin)}
    assert [found[pk].reaction_count for pk in ids] == [1, 1]  # type: ignore[attr-defined]
    assert extent_of(mod, ids, origin).reactions == 2
    asked = at_desk(mod).post(f"/admin/moderation/act/raid/?since={ago(hours=1):%Y-%m-%dT%H:%M}", {"people": ids})
    assert "2 reactions are taken away." in asked.content.decode()
    envelopes = announced(undo_raid, mod, ids, "a raid", origin)
    (event,) = [event for _group, event in events_of(envelopes) if event["type"] == "message.updated"]
    assert [kind["emoji"] for kind in event["message"]["reactions"]] == ["👍"]
    assert reactions_under(message) == [("👍", 2)]
    act = Act.objects.get(kind=ActKind.RAID)
    assert is_anything_left(act)
    undo_act(mod, act.pk)
    assert reactions_under(message) == [("👍", 2), ("💩", 2)]
    assert not is_anything_left(act)


def test_reactions_come_back_with_what_is_brought_back_of_one_who_is_let_in(cast: Cast, mod: User) -> None:
    message = say(cast.ann, cast.square, "hello")
    join_room(cast.eve, cast.square.pk)
    for user in (cast.gus, cast.eve):
        react_to_message(user.pk, message.pk, "💩")
    undo_raid(mod, [cast.gus.pk, cast.eve.pk], "a raid")
    assert reactions_under(message) == []
    lift_bans(mod, [cast.gus.pk], bring_back=True)
    assert reactions_under(message) == [("💩", 1)]
    lift_bans(mod, [cast.eve.pk])
    assert reactions_under(message) == [("💩", 1)]
    # Who puts one there again sees it again.
    react_to_message(cast.eve.pk, message.pk, "💩")
    assert reactions_under(message) == [("💩", 2)]


def test_reactions_stay_away_as_long_as_one_act_has_them_away(cast: Cast, mod: User, boss: User) -> None:
    message = say(cast.ann, cast.square, "hello")
    react_to_message(cast.gus.pk, message.pk, "💩")
    first = undo_raid(mod, [cast.gus.pk], "a raid")
    second = undo_raid(boss, [cast.gus.pk], "a raid, from above")
    undo_act(boss, first.pk)
    assert reactions_under(message) == []
    assert is_anything_left(second)
    undo_act(boss, second.pk)
    assert reactions_under(message) == [("💩", 1)]


def test_who_only_reacted_gets_that_back_when_let_in(cast: Cast, mod: User, at_desk: Any) -> None:
    message = say(cast.ann, cast.square, "hello")
    react_to_message(cast.gus.pk, message.pk, "💩")
    undo_raid(mod, [cast.gus.pk], "a raid")
    asked = open_form(at_desk(mod), PEOPLE, "lift_ban", cast.gus.pk)
    assert "Bring back the reactions that were taken away with the ban" in asked


def test_a_newcomers_messages_are_all_since_the_invitation(cast: Cast, mod: User) -> None:
    link = create_invitation(cast.ann, cast.square.pk)
    redeem_invitation(cast.eve, link.code)
    # The database tells the time of a message, the program that of a use.
    InvitationUse.objects.update(is_newcomer=True, created_at=timezone.now() + timedelta(seconds=5))
    say(cast.eve, cast.square, "at once")
    undo_raid(mod, [cast.eve.pk], "a raid", Origin(invitation=link.pk))
    assert standing() == set()


def test_of_a_time_what_was_written_since_it_began_is_taken_down(cast: Cast, mod: User) -> None:
    change(say(cast.gus, cast.square, "before"), created_at=ago(hours=2))
    say(cast.gus, cast.square, "after")
    origin = Origin(since=ago(hours=1))
    assert extent_of(mod, [cast.gus.pk], origin).messages == 1
    undo_raid(mod, [cast.gus.pk], "a raid", origin)
    assert standing() == {"before"}


def test_of_addresses_all_they_wrote_is_since_they_came_from_there(cast: Cast, mod: User) -> None:
    change(cast.gus, arrived_from="203.0.113.7")
    say(cast.gus, cast.square, "spam")
    origin = Origin(addresses="203.0.113.0/24")
    assert extent_of(mod, [cast.gus.pk], origin)[:3] == (1, 1, 0)
    undo_raid(mod, [cast.gus.pk], "a raid", origin)
    assert standing() == set()


def test_the_desk_says_in_numbers_what_it_would_do_before_it_does_it(cast: Cast, mod: User, at_desk: Any) -> None:
    link = create_invitation(cast.ann, cast.den.pk)
    change(say(cast.gus, cast.square, "before"), created_at=ago(hours=2))
    redeem_invitation(cast.eve, link.code)
    InvitationUse.objects.create(invitation=link, user=cast.gus, created_at=ago(hours=1))
    say(cast.gus, cast.square, "after")
    change(cast.gus, created_at=ago(hours=3))
    desk = at_desk(mod)
    where = f"/admin/moderation/act/raid/?invitation={link.pk}"
    assert "1 earlier stays" in desk.get(where).content.decode()
    chosen = {"people": [str(cast.gus.pk), str(cast.eve.pk)]}
    asked = desk.post(where, chosen).content.decode()
    for sentence in (
        "2 people are banned.", "1 message is taken down: what they wrote since they came by this invitation.",
        "1 message stays: it was written before.", "1 invitation is revoked.",
    ):  # fmt: skip
        assert sentence in asked
    assert "token" not in asked.partition("deeds")[2].partition("</ul>")[0]
    assert standing() == {"before", "after"}
    desk.post(where, chosen | {"apply": "1", "reason": "raid"})
    assert standing() == {"before"}
    assert "Choose somebody first." in desk.post(where, {}).content.decode()


def test_all_or_none_of_them_are_chosen_at_once(cast: Cast, mod: User, at_desk: Any) -> None:
    change(cast.gus, arrived_from="203.0.113.7")
    change(cast.eve, arrived_from="203.0.113.7")
    say(cast.gus, cast.square, "spam")
    desk, where = at_desk(mod), "/admin/moderation/act/raid/?addresses=203.0.113.7"
    for choose, count in (("", 1), ("&choose=all", 2), ("&choose=none", 0)):
        page = desk.get(where + choose).content.decode()
        assert page.count(" checked") == count
        assert "?addresses=203.0.113.7&amp;choose=all" in page


def test_nobody_is_acted_on_who_did_not_come_from_there(cast: Cast, mod: User, at_desk: Any) -> None:
    change(cast.gus, arrived_from="203.0.113.7")
    change(cast.eve, arrived_from="198.51.100.1")
    desk, where = at_desk(mod), "/admin/moderation/act/raid/?addresses=203.0.113.7"
    for stranger in (cast.bob, cast.eve):
        for fields in ({}, {"apply": "1", "reason": "raid"}):
            page = desk.post(where, {"people": [str(cast.gus.pk), str(stranger.pk)]} | fields).content.decode()
            assert f"Not everybody you chose came from there: {stranger.nickname}" in page
    assert User.objects.filter(is_active=False).count() == 0
    assert not Act.objects.filter(kind=ActKind.RAID).exists()


def test_the_reason_of_a_raid_is_looked_at_and_said_to_be_read_by_the_banned(
    cast: Cast, mod: User, at_desk: Any
) -> None:
    desk, where = at_desk(mod), "/admin/moderation/act/raid/?since=2020-01-01T00:00"
    chosen = {"people": [str(cast.gus.pk)]}
    assert "Who is banned reads it too." in desk.post(where, chosen).content.decode()
    for reason in ("a\0b", "x" * 1001):
        asked = desk.post(where, chosen | {"apply": "1", "reason": reason}).content.decode()
        assert "errorlist" in asked
        assert 'name="apply"' in asked
    assert not Act.objects.filter(kind=ActKind.RAID).exists()
    desk.post(where, chosen | {"apply": "1", "reason": "a raid"})
    assert Act.objects.get(kind=ActKind.RAID).reason == "a raid"


def test_a_raid_of_nobody_is_none(cast: Cast, mod: User) -> None:
    with pytest.raises(Invalid):
        undo_raid(mod, [10**18], "x")
    assert not Act.objects.filter(kind=ActKind.RAID).exists()
