"""What moderators of the site do, and how it is taken back."""

import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from accounts.actions import change_profile, create_token
from accounts.avatars import drawn_avatars
from accounts.models import User
from audit.models import Entry, Verb
from chat.actions.direct import open_direct_room
from chat.actions.invitations import create_invitation, redeem_invitation
from chat.actions.memberships import change_role, expel_member, join_room, mute_member
from chat.actions.messages import delete_message, react_to_message, restore_message
from chat.actions.rooms import edit_room
from chat.errors import ChatError
from chat.models import Invitation, Mention, Message, Reaction, Room
from moderation.actions.access import sign_out_people
from moderation.actions.acts import undo_act
from moderation.actions.bans import ban_people, lift_bans, lift_due_bans
from moderation.actions.bots import create_bot, revoke_bot_tokens
from moderation.actions.former_profiles import in_use
from moderation.actions.messages import restore_messages, take_down_messages
from moderation.actions.mutes import mute_people
from moderation.actions.profiles import reset_profiles
from moderation.actions.purge import purge
from moderation.actions.raids import Origin, find_raiders, undo_raid
from moderation.actions.reports import close_case, report_person, take_case
from moderation.actions.rooms import change_rooms
from moderation.actions.staff import make_administrator, make_moderators, step_down, unmake_moderators
from moderation.models import Act, ActItem, ActKind, Case, HeldMessage, ItemKind
from tests.unit.cast import Cast, change, say, say_many


def refusal(function: Any, *arguments: Any, **options: Any) -> str:
    """Return the code with which a call is refused."""
    with pytest.raises(ChatError) as caught:
        function(*arguments, **options)
    return caught.value.code


def fresh(thing: Any) -> Any:
    """Return a row as it is stored now."""
    return type(thing).objects.get(pk=thing.pk)


def test_a_ban_and_its_undo_leave_everything_as_it_was(cast: Cast, mod: User) -> None:
    old = say(cast.bob, cast.square, "long ago")
    change(old, created_at=timezone.now() - timedelta(hours=5))
    new = say(cast.bob, cast.square, "hello @ann")
    react_to_message(cast.ann.pk, new.pk, "👍")
    act = ban_people(mod, [cast.bob.pk], "spam", hours=2)
    assert not fresh(cast.bob).is_active
    assert fresh(cast.bob).ban_reason == "spam"
    assert (fresh(old).deleted_at, fresh(new).deleted_at) == (None, act.at)
    assert Mention.objects.get(message=new).is_deleted
    undo_act(mod, act.pk)
    assert fresh(cast.bob).is_active
    back = fresh(new)
    assert (back.pk, back.seq, back.deleted_at, back.body) == (new.pk, new.seq, None, "hello @ann")
    assert Reaction.objects.filter(message=new, emoji="👍").exists()
    assert not Mention.objects.get(message=new).is_deleted
    assert refusal(undo_act, mod, act.pk) == "invalid"


def test_changes_of_a_take_down_are_numbered_without_a_hole(cast: Cast, mod: User) -> None:
    said = [say(cast.bob, room, f"{number}") for number in range(5) for room in (cast.square, cast.den)]
    take_down_messages(mod, [message.pk for message in said])
    for room in (cast.square, cast.den):
        assert fresh(room).last_change == 10
        assert sorted(Message.objects.filter(room=room).values_list("change", flat=True)) == [6, 7, 8, 9, 10]


def test_what_an_author_deleted_before_stays_deleted_by_an_undo(cast: Cast, mod: User) -> None:
    own, other = say(cast.bob, cast.square, "mine"), say(cast.bob, cast.square, "too")
    delete_message(cast.bob.pk, own.pk)
    act = ban_people(mod, [cast.bob.pk], "spam", hours=24)
    undo_act(mod, act.pk)
    assert fresh(own).deleted_at
    assert not fresh(other).deleted_at


def test_what_was_taken_down_again_meanwhile_stays_down(cast: Cast, mod: User, boss: User) -> None:
    message = say(cast.bob, cast.square)
    first = take_down_messages(mod, [message.pk])
    restore_messages(mod, [message.pk])
    second = take_down_messages(boss, [message.pk])
    undo_act(mod, first.pk)
    assert fresh(message).deleted_at == second.at


def test_an_author_does_not_bring_back_what_a_moderator_took_down(cast: Cast, mod: User) -> None:
    message = say(cast.bob, cast.square)
    take_down_messages(mod, [message.pk])
    assert refusal(restore_message, cast.bob.pk, message.pk) == "forbidden"


def test_a_ban_that_another_still_says_goes_on(cast: Cast, mod: User, boss: User) -> None:
    first = ban_people(mod, [cast.bob.pk], "spam")
    ban_people(boss, [cast.bob.pk], "worse", until=timezone.now() + timedelta(days=1))
    undo_act(mod, first.pk)
    assert not fresh(cast.bob).is_active
    assert fresh(cast.bob).ban_reason == "worse"
    lift_bans(boss, [cast.bob.pk])
    assert fresh(cast.bob).is_active


def test_a_ban_that_was_lifted_does_not_come_back_with_the_undo_of_another(cast: Cast, mod: User) -> None:
    ban_people(mod, [cast.bob.pk], "spam")
    lift_bans(mod, [cast.bob.pk])
    again = ban_people(mod, [cast.bob.pk], "again")
    undo_act(mod, again.pk)
    assert fresh(cast.bob).is_active


def test_a_ban_ends_by_itself(cast: Cast, mod: User) -> None:
    ban_people(mod, [cast.bob.pk], "a day off", until=timezone.now() + timedelta(days=1))
    assert lift_due_bans() == 0
    past = timezone.now() - timedelta(seconds=1)
    change(cast.bob, banned_until=past)
    Act.objects.update(until=past)
    assert lift_due_bans() == 1
    assert fresh(cast.bob).is_active
    assert Entry.objects.first().actor == ""  # type: ignore[union-attr]
    assert refusal(ban_people, mod, [cast.bob.pk], "late", until=timezone.now() - timedelta(days=1)) == "invalid"


def test_nobody_acts_on_someone_at_or_above_the_own_standing(cast: Cast, mod: User, boss: User) -> None:
    other = User.objects.create_user("other", "a good long password", is_staff=True)
    for person in (mod, other, boss):
        assert refusal(ban_people, mod, [person.pk], "x") == "forbidden"
        assert refusal(mute_people, mod, [person.pk], timezone.now() + timedelta(days=1)) == "forbidden"
        assert refusal(sign_out_people, mod, [person.pk]) == "forbidden"
        assert refusal(undo_raid, mod, [person.pk], "x") == "forbidden"
    assert refusal(ban_people, boss, [boss.pk], "x") == "forbidden"
    assert refusal(ban_people, mod, [cast.bob.pk, boss.pk], "x") == "forbidden"
    assert fresh(cast.bob).is_active
    assert refusal(take_down_messages, mod, [say(boss, _with(boss, cast)).pk]) == "forbidden"


def _with(user: User, cast: Cast) -> Room:
    return join_room(user, cast.square.pk)


def test_rights_are_needed_one_by_one(cast: Cast, mod: User) -> None:
    mod.groups.clear()
    bare = User.objects.get(pk=mod.pk)
    message = say(cast.bob, cast.square)
    assert refusal(ban_people, bare, [cast.bob.pk], "x") == "forbidden"
    assert refusal(mute_people, bare, [cast.bob.pk], None) == "forbidden"
    assert refusal(take_down_messages, bare, [message.pk]) == "forbidden"
    assert refusal(change_rooms, bare, [cast.square.pk], "lock") == "forbidden"
    assert refusal(undo_raid, bare, [cast.bob.pk], "x") == "forbidden"
    assert refusal(make_moderators, bare, [cast.bob.pk]) == "forbidden"
    assert refusal(create_bot, bare, "robot") == "forbidden"


def test_the_last_administrator_cannot_lock_himself_out(cast: Cast, boss: User) -> None:
    assert refusal(step_down, boss) == "forbidden"
    second = User.objects.create_user("second", "a good long password")
    make_administrator(boss, second.pk, "holidays")
    step_down(boss)
    assert not fresh(boss).is_superuser
    assert refusal(step_down, fresh(second)) == "forbidden"


def test_moderators_are_made_and_unmade_and_that_is_taken_back(cast: Cast, boss: User, mod: User) -> None:
    assert refusal(make_moderators, boss, [cast.gus.pk]) == "invalid"
    act = unmake_moderators(boss, [mod.pk])
    assert not fresh(mod).is_staff
    assert not fresh(mod).has_perm("moderation.ban_people")
    undo_act(boss, act.pk)
    assert fresh(mod).has_perm("moderation.ban_people")
    assert refusal(undo_act, mod, make_moderators(boss, [_account("another").pk]).pk) == "forbidden"


def _account(nickname: str) -> User:
    return User.objects.create_user(nickname, "a good long password")


def test_a_mute_everywhere_and_its_undo(cast: Cast, mod: User) -> None:
    until = timezone.now() + timedelta(hours=1)
    act = mute_people(mod, [cast.bob.pk], until, "calm down")
    with pytest.raises(AssertionError, match="muted"):
        say(cast.bob, cast.square)
    undo_act(mod, act.pk)
    say(cast.bob, cast.square)


def test_a_mute_in_one_room_and_its_undo(cast: Cast, mod: User) -> None:
    act = mute_people(mod, [cast.bob.pk], timezone.now() + timedelta(hours=1), "here", room_id=cast.square.pk)
    with pytest.raises(AssertionError, match="muted"):
        say(cast.bob, cast.square)
    say(cast.bob, cast.den)
    undo_act(mod, act.pk)
    say(cast.bob, cast.square)
    assert refusal(mute_people, mod, [cast.eve.pk], None, room_id=cast.square.pk) == "invalid"


def test_rights_of_a_smaller_group(cast: Cast, boss: User) -> None:
    small = Group.objects.create(name="Readers")
    user = _account("reader")
    make_moderators(boss, [user.pk], groups=[small])
    reader = User.objects.get(pk=user.pk)
    assert reader.is_staff
    assert refusal(ban_people, reader, [cast.bob.pk], "x") == "forbidden"


def test_what_moderators_of_a_room_do_is_written_down_too(cast: Cast) -> None:
    message, own = say(cast.bob, cast.den, "rude"), say(cast.bob, cast.den, "mine")
    delete_message(cast.mia.pk, message.pk)
    restore_message(cast.mia.pk, message.pk)
    delete_message(cast.bob.pk, own.pk)
    mute_member(cast.mia, cast.den.pk, cast.bob.pk, timezone.now() + timedelta(hours=1))
    change_role(cast.ann, cast.den.pk, cast.gus.pk, "moderator")
    edit_room(cast.mia, cast.den.pk, {"read_only": True})
    expel_member(cast.mia, cast.den.pk, cast.bob.pk)
    verbs = list(Entry.objects.order_by("number").values_list("actor", "verb", "object_id"))
    assert verbs == [
        ("mia", "take_down", str(message.pk)),
        ("mia", "restore", str(message.pk)),
        ("mia", "mute", str(cast.bob.pk)),
        ("ann", "role", str(cast.gus.pk)),
        ("mia", "room", str(cast.den.pk)),
        ("mia", "remove", str(cast.bob.pk)),
    ]


def test_rooms_are_locked_and_archived_and_that_is_taken_back(cast: Cast, mod: User) -> None:
    lock = change_rooms(mod, [cast.square.pk, cast.den.pk], "lock")
    assert fresh(cast.square).is_read_only
    assert fresh(cast.den).is_read_only
    change_rooms(mod, [cast.den.pk], "unlock")
    change_rooms(mod, [cast.den.pk], "lock")
    undo_act(mod, lock.pk)
    assert not fresh(cast.square).is_read_only
    lobby = Room.objects.get(is_default=True)
    assert refusal(change_rooms, mod, [lobby.pk], "archive") == "invalid"


def test_a_raid_of_thirty_is_undone_as_one_act_and_that_is_taken_back_as_one(cast: Cast, mod: User) -> None:
    keep = say(cast.ann, cast.square, "all else stays")
    link = create_invitation(cast.ann, cast.square.pk)
    raiders = [User.objects.create_user(f"raider{number}", arrived_from="203.0.113.7") for number in range(30)]
    said = []
    for raider in raiders:
        redeem_invitation(raider, link.code)
        said += [say(raider, cast.square, f"buy {number}") for number in range(3)]
    create_token(raiders[0], "script", timedelta(days=1))
    own = create_invitation(raiders[1], cast.square.pk)
    assert {user.pk for user in find_raiders(Origin(addresses="203.0.113.0/24"))} == {user.pk for user in raiders}
    found = find_raiders(Origin(invitation=link.pk))
    assert {user.pk for user in found} == {user.pk for user in raiders}
    assert found[0].standing_count == 3  # type: ignore[attr-defined]
    before = everything()
    act = undo_raid(mod, [user.pk for user in found], "a raid", Origin(invitation=link.pk))
    assert not User.objects.filter(nickname__startswith="raider", is_active=True).exists()
    assert not Message.objects.filter(pk__in=[message.pk for message in said], deleted_at=None).exists()
    assert fresh(keep).deleted_at is None
    assert [fresh(one).revoked_at for one in (link, own)] == [act.at, act.at]
    assert raiders[0].tokens.get().revoked_at == act.at
    assert User.objects.filter(pk__in=[cast.ann.pk, cast.bob.pk], is_active=True).count() == 2
    undo_act(mod, act.pk)
    assert everything() == before


def everything() -> list[Any]:
    """Return all that a raid's undoing changes, of everybody."""
    return [
        list(User.objects.order_by("pk").values_list("pk", "is_active", "banned_until", "ban_reason")),
        list(Message.objects.order_by("pk").values_list("pk", "seq", "body", "html", "deleted_at", "deleted_by")),
        list(Invitation.objects.order_by("pk").values_list("pk", "revoked_at")),
        [(user.pk, list(user.tokens.values_list("pk", "revoked_at"))) for user in User.objects.order_by("pk")],
    ]


def test_where_a_raid_came_from_must_make_sense(cast: Cast) -> None:
    assert refusal(find_raiders, Origin()) == "invalid"
    assert refusal(find_raiders, Origin(addresses="nowhere")) == "invalid"
    now = timezone.now()
    assert refusal(find_raiders, Origin(since=now, until=now - timedelta(hours=1))) == "invalid"


def test_bots_and_their_tokens(cast: Cast, boss: User) -> None:
    bot, secret = create_bot(boss, "robot")
    assert bot.is_bot
    assert secret
    act = revoke_bot_tokens(boss, [bot.pk])
    assert not bot.tokens.filter(revoked_at=None).exists()
    undo_act(boss, act.pk)
    assert bot.tokens.filter(revoked_at=None).count() == 1
    assert refusal(revoke_bot_tokens, boss, [cast.bob.pk]) == "invalid"


def test_nothing_is_destroyed_before_its_time_and_then_for_good(cast: Cast, mod: User) -> None:
    message = say(cast.bob, cast.square, "gone for good")
    react_to_message(cast.ann.pk, message.pk, "👍")
    act = take_down_messages(mod, [message.pk])
    assert purge(timezone.now() - timedelta(days=30), really=True).messages == 0
    change(message, deleted_at=timezone.now() - timedelta(days=31))
    cutoff = timezone.now() - timedelta(days=30)
    assert purge(cutoff, really=False).messages == 1
    assert fresh(message).body == "gone for good"
    assert purge(cutoff, really=True).messages == 1
    gone = fresh(message)
    assert (gone.body, gone.html, gone.is_purged, gone.seq) == ("", "", True, message.seq)
    assert not Reaction.objects.filter(message=message).exists()
    assert refusal(restore_messages, mod, [message.pk]) == "invalid"
    undo_act(mod, act.pk)
    assert fresh(message).deleted_at
    assert Entry.objects.filter(verb=Verb.PURGE).count() == 1


def test_each_act_is_written_down_with_who_what_and_why(cast: Cast, mod: User) -> None:
    act = ban_people(mod, [cast.bob.pk], "spam")
    entry = Entry.objects.get(verb=Verb.BAN)
    assert (entry.actor_id, entry.actor, entry.kind, entry.object_id) == (mod.pk, "mod", "person", str(cast.bob.pk))
    assert (entry.label, entry.reason, entry.details["act"]) == ("bob", "spam", act.pk)
    undo_act(mod, act.pk, "a mistake")
    assert Entry.objects.filter(verb=Verb.UNBAN, reason="a mistake").exists()


# What reviewers found.


def test_nothing_of_private_chats_is_shown_or_taken_down_by_a_ban(cast: Cast, mod: User) -> None:
    chat = open_direct_room(cast.bob, cast.ann.pk)
    secret, public = say(cast.bob, chat, "secret"), say(cast.bob, cast.square, "public")
    act = ban_people(mod, [cast.bob.pk], "x", hours=1)
    assert [item.object_id for item in act.items.filter(kind=ItemKind.MESSAGE)] == [public.pk]
    assert fresh(secret).deleted_at is None
    undo_act(mod, act.pk)
    (found,) = [user for user in find_raiders(Origin(since=cast.ann.created_at)) if user.pk == cast.bob.pk]
    assert [message.body for message in found.latest] == ["public"]  # type: ignore[attr-defined]


def test_taking_messages_down_with_a_ban_takes_that_right_too(cast: Cast, boss: User) -> None:
    small = Group.objects.create(name="Doorkeepers")
    small.permissions.set(Permission.objects.filter(codename="ban_people"))
    user = _account("keeper")
    make_moderators(boss, [user.pk], groups=[small])
    keeper = User.objects.get(pk=user.pk)
    assert refusal(ban_people, keeper, [cast.bob.pk], "x", hours=1) == "forbidden"
    ban_people(keeper, [cast.bob.pk], "x")


def test_nobody_brings_back_what_somebody_above_took_down(cast: Cast, mod: User, boss: User) -> None:
    join_room(mod, cast.square.pk)
    own, anns = say(mod, cast.square, "mine"), say(cast.ann, cast.square, "the owner's")
    act = take_down_messages(boss, [own.pk, anns.pk])
    assert refusal(undo_act, mod, act.pk) == "forbidden"
    assert refusal(restore_messages, mod, [own.pk]) == "forbidden"
    assert refusal(restore_messages, mod, [anns.pk]) == "invalid"
    for person, message in ((mod, own), (cast.ann, anns), (cast.mia, anns)):
        assert refusal(restore_message, person.pk, message.pk) == "forbidden"
    undo_act(boss, act.pk)
    assert fresh(own).deleted_at is None


def test_nobody_takes_down_in_a_room_what_somebody_at_or_above_wrote(cast: Cast, boss: User) -> None:
    join_room(boss, cast.square.pk)
    above = say(boss, cast.square, "from above")
    assert refusal(delete_message, cast.ann.pk, above.pk) == "forbidden"
    assert refusal(delete_message, cast.mia.pk, say(cast.ann, cast.den).pk) == "forbidden"
    delete_message(cast.ann.pk, say(cast.mia, cast.den).pk)


def test_a_moderator_deals_with_no_report_about_moderators(cast: Cast, mod: User, boss: User) -> None:
    report_person(cast.ann, mod.pk, "harassment")
    case = Case.objects.get()
    assert refusal(take_case, mod, case.pk) == "forbidden"
    assert refusal(close_case, mod, case.pk, "dismissed") == "forbidden"
    assert close_case(boss, case.pk, "acted").status == "closed"


def test_an_old_act_disarms_no_administrator_and_arms_nobody_who_is_banned(cast: Cast, boss: User) -> None:
    user = _account("rising")
    made = make_moderators(boss, [user.pk])
    make_administrator(boss, user.pk, "well done")
    assert refusal(undo_act, boss, made.pk) == "forbidden"
    other = _account("falling")
    make_moderators(boss, [other.pk])
    unmade = unmake_moderators(boss, [other.pk])
    ban_people(boss, [other.pk], "x")
    Group.objects.all().delete()
    undo_act(boss, unmade.pk)
    assert not fresh(other).is_staff


def test_what_was_ended_for_good_meanwhile_does_not_come_back_with_a_raid(cast: Cast, mod: User) -> None:
    token, _secret = create_token(cast.bob, "script", timedelta(days=1))
    act = undo_raid(mod, [cast.bob.pk], "raid")
    sign_out_people(mod, [cast.bob.pk])
    undo_act(mod, act.pk)
    assert fresh(token).revoked_at is not None


def test_a_raid_by_an_invitation_is_of_newcomers_alone(cast: Cast, mod: User) -> None:
    link = create_invitation(cast.ann, cast.den.pk)
    change(cast.eve, created_at=timezone.now() - timedelta(days=900))
    newcomer = User.objects.create_user("newcomer")
    for user in (cast.eve, newcomer):
        redeem_invitation(user, link.code)
    assert [user.pk for user in find_raiders(Origin(invitation=link.pk))] == [newcomer.pk]


def test_a_longer_ban_goes_on_where_a_shorter_one_ends(cast: Cast, mod: User) -> None:
    ban_people(mod, [cast.bob.pk], "for good")
    short = ban_people(mod, [cast.bob.pk], "a day", until=timezone.now() + timedelta(days=1))
    past = timezone.now() - timedelta(seconds=1)
    Act.objects.filter(pk=short.pk).update(until=past)
    change(cast.bob, banned_until=past)
    assert lift_due_bans() == 0
    assert (fresh(cast.bob).is_active, fresh(cast.bob).banned_until) == (False, None)


def test_nickname_and_picture_are_taken_away_and_given_back_as_one(cast: Cast, mod: User) -> None:
    change(cast.bob, picture="p" * 20)
    act = reset_profiles(mod, [cast.bob.pk, cast.eve.pk], "rude", nickname=True, picture=True)
    names = {fresh(user).nickname for user in (cast.bob, cast.eve)}
    assert len(names) == 2
    assert names.isdisjoint({"bob", "eve"})
    assert fresh(cast.bob).picture == ""
    assert in_use({"p" * 20, "q" * 20}) == {"p" * 20}
    undo_act(mod, act.pk)
    assert (fresh(cast.bob).nickname, fresh(cast.eve).nickname) == (cast.bob.nickname, cast.eve.nickname)
    assert fresh(cast.bob).picture == "p" * 20
    assert in_use({"p" * 20}) == set()


def test_what_was_chosen_since_or_is_somebody_elses_by_now_is_not_given_back(cast: Cast, mod: User) -> None:
    change(cast.bob, picture="p" * 20)
    act = reset_profiles(mod, [cast.bob.pk, cast.eve.pk], "rude", nickname=True, picture=True)
    change_profile(fresh(cast.bob), {"nickname": "Robert", "avatar": drawn_avatars()[3]})
    # Gus had it from a time before it was kept for her.
    change(cast.gus, nickname=cast.eve.nickname, nickname_key=cast.eve.nickname)
    given = fresh(cast.eve).nickname
    undo_act(mod, act.pk)
    assert (fresh(cast.bob).nickname, fresh(cast.bob).picture) == ("Robert", "")
    assert (fresh(cast.eve).nickname, fresh(cast.gus).nickname) == (given, cast.eve.nickname)


def test_where_there_is_nothing_to_take_away_nothing_is_done(cast: Cast, mod: User) -> None:
    assert refusal(reset_profiles, mod, [cast.bob.pk], "x", nickname=False, picture=True) == "invalid"
    assert not Act.objects.filter(kind=ActKind.PROFILE).exists()


@pytest.mark.parametrize("deed", [ban_people, undo_raid])
def test_what_filters_hold_of_the_banned_waits_no_longer_and_waits_again_when_that_is_taken_back(
    cast: Cast, mod: User, deed: Any
) -> None:
    waiting, decided = (
        HeldMessage.objects.create(author=cast.bob, room=cast.square, ref=uuid.uuid4(), body="held", **fields)
        for fields in ({}, {"decided_at": timezone.now(), "is_approved": False})
    )
    act = deed(mod, [cast.bob.pk], "spam")
    waiting.refresh_from_db()
    assert (waiting.decided_at, waiting.decided_by, waiting.is_approved) == (act.at, mod, False)
    undo_act(mod, act.pk)
    waiting.refresh_from_db()
    decided.refresh_from_db()
    assert (waiting.decided_at, waiting.decided_by, waiting.is_approved) == (None, None, None)
    assert decided.decided_at is not None


def test_many_messages_are_taken_down_in_little_time(cast: Cast, mod: User) -> None:
    said = [message.pk for message in say_many(cast.bob, cast.square, 2000)]
    began = time.perf_counter()
    act = take_down_messages(mod, said)
    undo_act(mod, act.pk)
    assert time.perf_counter() - began < 30
    assert not Message.objects.filter(pk__in=said).exclude(deleted_at=None).exists()
    assert ActItem.objects.filter(act=act).count() == 2000


def test_ending_a_mute_that_is_not_there_is_refused(cast: Cast, mod: User) -> None:
    act = mute_people(mod, [cast.bob.pk], timezone.now() + timedelta(hours=1), "here", room_id=cast.square.pk)
    assert str(cast.square) in act.summary
    assert refusal(mute_people, mod, [cast.bob.pk], None) == "invalid"
    assert refusal(mute_people, mod, [cast.bob.pk], None, room_id=cast.den.pk) == "invalid"
    mute_people(mod, [cast.bob.pk], None, room_id=cast.square.pk)
    say(cast.bob, cast.square)
