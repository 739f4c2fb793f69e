"""Who is to be called is found behind the back of whoever writes, once, and judged again before it happens."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.actions import ban_user, sign_out_everywhere
from accounts.actions.profile import delete_account
from accounts.credentials import Credential
from accounts.models import AccessToken, User
from chat.actions.blocks import block_user
from chat.actions.memberships import expel_member
from chat.actions.messages import delete_message
from chat.actions.preferences import set_preferences
from chat.actions.reading import ReadMark, store_read_marks
from chat.models import Attachment, Membership, Message
from push.actions.calls import MAX_FAILURES, Called, note_calls
from push.actions.notices import Errand, claim_due, forget_old, judge
from push.actions.quiet import set_quiet
from push.actions.scouting import Scout
from push.actions.subscriptions import devices_of, forget_ended, live_subscriptions, subscribe
from push.delivery import Answer
from push.models import Call, Notice, Outcome, Subscription
from push.payload import unread_of
from push.vapid import encode, private_key
from tests.unit.cast import Cast, change, say

OK = Answer(201)


@pytest.fixture(autouse=True)
def _at_once(settings: Settings) -> None:
    settings.PUSH_DELAY = 0.0


@pytest.fixture
def found(cast: Cast) -> Cast:
    """The cast, of whom bob has a device."""
    device_of(cast.bob)
    return cast


def device_of(user: User) -> Subscription:
    token = AccessToken.objects.create(
        user=user, digest=os.urandom(8).hex(), expires_at=timezone.now() + timedelta(days=1)
    )
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    made, _is_new = subscribe(
        user, Credential(token_id=token.pk), endpoint=f"https://push.example.org/{os.urandom(8).hex()}",
        p256dh=encode(point), auth=encode(os.urandom(16)), device="Firefox · Linux", language="en",
    )  # fmt: skip
    return made


def mention(cast: Cast, who: str = "bob") -> Message:
    return say(cast.ann, cast.den, f"@{who} hello")


def go(*, is_open: bool = False) -> list[Errand]:
    """Look, claim and judge as the sender does."""
    Scout().look()
    return [errand for claim in claim_due(50) if (errand := judge(claim, is_open=is_open))]


def outcomes() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("outcome", flat=True))


def test_a_message_asks_nothing_about_push(found: Cast) -> None:
    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            say(found.ann, found.den, "@bob hi")
        return [query["sql"] for query in captured]

    assert not [sql for sql in queries() if "push_" in sql]


def test_without_subscriptions_one_query_is_all(cast: Cast) -> None:
    say(cast.ann, cast.den, "@bob hi")
    with CaptureQueriesContext(connection) as captured:
        assert Scout().look() == 0
    assert len(captured) == 1


def test_who_is_told_gets_one_notice_however_often_one_looks(found: Cast) -> None:
    mention(found)
    mention(found, "gus")
    scout = Scout()
    assert scout.look() == 1
    assert scout.look() == 0
    for _process in range(2):
        Scout().look()
    assert Notice.objects.count() == 1


def test_what_one_does_calls_as_what_one_says(found: Cast) -> None:
    say(found.ann, found.den, "waves at @bob", is_action=True)
    assert len(go()) == 1


def test_a_message_of_before_the_device_was_there_does_not_call(cast: Cast) -> None:
    mention(cast)
    device_of(cast.bob)
    assert go() == []


def test_a_message_of_long_ago_does_not_call(found: Cast) -> None:
    message = mention(found)
    long_ago = timezone.now() - timedelta(hours=1)
    change(message, created_at=long_ago)
    Subscription.objects.update(created_at=long_ago - timedelta(hours=1))
    assert go() == []


def test_what_is_claimed_is_claimed_by_one(found: Cast) -> None:
    mention(found)
    Scout().look()
    assert len(claim_due(50)) == 1
    assert claim_due(50) == []
    Notice.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert len(claim_due(50)) == 1


def test_what_is_not_due_waits(found: Cast, settings: Settings) -> None:
    settings.PUSH_DELAY = 60.0
    mention(found)
    assert go() == []
    assert outcomes() == [Outcome.WAITING]


@pytest.mark.parametrize(
    ("act", "outcome", "why"),
    [
        (lambda c, m: delete_message(c.ann.pk, m.pk), "changed", "deleted"),
        (lambda c, m: block_user(c.bob, c.ann.pk), "changed", "blocked"),
        (lambda c, m: set_preferences(c.bob, c.den.pk, {"notify": "none"}), "changed", "muted"),
        (lambda c, m: expel_member(c.ann, c.den.pk, c.bob.pk), "changed", "outside"),
        (lambda c, m: ban_user(c.bob), "no_device", "mention"),
        (lambda c, m: sign_out_everywhere(c.bob), "no_device", "mention"),
        (lambda c, m: delete_account(c.bob), "changed", "outside"),
        (lambda c, m: AccessToken.objects.update(expires_at=timezone.now()), "no_device", "mention"),
        (lambda c, m: set_quiet(c.bob, quiet=True), "quiet", "mention"),
        (lambda c, m: store_read_marks([ReadMark(c.bob.pk, c.den.pk, m.seq)]), "read", "mention"),
    ],
    ids=[
        "deleted",
        "blocked",
        "muted",
        "removed",
        "banned",
        "signed out",
        "account deleted",
        "expired",
        "quiet",
        "read",
    ],
)
def test_what_happens_between_queueing_and_calling_counts(
    found: Cast, act: Callable[[Cast, Message], Any], outcome: str, why: str
) -> None:
    message = mention(found)
    Scout().look()
    act(found, message)
    (claim,) = claim_due(50)
    assert judge(claim, is_open=False) is None
    notice = Notice.objects.get()
    assert (notice.outcome, notice.why) == (outcome, why)
    assert notice.settled_at


def test_devices_go_with_what_they_were_made_under(found: Cast) -> None:
    device_of(found.gus)
    ban_user(found.bob)
    assert not Subscription.objects.filter(user=found.bob).exists()
    assert [device.user for device in live_subscriptions()] == [found.gus]
    sign_out_everywhere(found.gus)
    assert devices_of([found.gus.pk]) == {}
    assert forget_ended() == 1


def test_an_open_tab_is_left_to_tell_and_looked_at_once_more(found: Cast) -> None:
    mention(found)
    assert go(is_open=True) == []
    assert (outcomes(), Notice.objects.get().settled_at) == (["open"], None)
    (errand,) = go()
    assert len(errand.parcels) == 1
    Notice.objects.update(claimed_until=None, outcome=Outcome.OPEN)
    assert go(is_open=True) == []
    assert Notice.objects.get().settled_at


def test_of_one_room_one_call_stands_for_many(found: Cast) -> None:
    set_preferences(found.bob, found.den.pk, {"notify": "all"})
    named = mention(found)
    say(found.ann, found.den, "and this")
    say(found.ann, found.square, "@bob elsewhere")
    first, second = sorted(go(), key=lambda errand: errand.notice_id)
    assert Notice.objects.get(pk=first.notice_id).message == named
    assert b"and 1 more" in first.parcels[0][1].content
    assert b"more" not in second.parcels[0][1].content
    assert sorted(outcomes()) == ["", "", "gathered"]


def test_a_room_of_which_one_is_told_everything_calls_at_most_twice_a_minute(found: Cast) -> None:
    set_preferences(found.bob, found.den.pk, {"notify": "all"})
    say(found.ann, found.den, "one")
    (errand,) = go()
    note_calls(errand.notice_id, [Called(errand.parcels[0][0], OK)])
    say(found.ann, found.den, "two")
    assert go() == []
    mention(found)
    (errand,) = go()
    assert b"and 1 more" in errand.parcels[0][1].content


def called(found: Cast, *answers: Answer | None) -> Notice:
    """Call the one device, and each time that it may be called again."""
    mention(found)
    for answer in answers:
        Subscription.objects.exclude(resting_until=None).update(resting_until=timezone.now())
        Notice.objects.filter(settled_at=None).update(due_at=timezone.now(), claimed_until=None)
        (errand,) = go()
        note_calls(errand.notice_id, [Called(pk, answer) for pk, _parcel in errand.parcels])
    return Notice.objects.latest("pk")


def test_a_call_that_was_taken_is_the_end_of_it(found: Cast) -> None:
    notice = called(found, OK)
    assert notice.outcome == Outcome.PUSHED
    assert Call.objects.get().status == 201
    assert go() == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(found: Cast, status: int) -> None:
    assert called(found, Answer(status)).outcome == Outcome.FAILED
    assert not Subscription.objects.exists()
    assert Call.objects.get().result == "gone"


def test_patience_grows_and_ends(found: Cast, settings: Settings) -> None:
    settings.PUSH_DELAY = 4.0
    say(found.ann, found.den, "@bob hi")
    Scout().look()
    rests = []
    for answer in (Answer(500), None, Answer(429, 300.0), Answer(429, 10**6), Answer(503), Answer(503)):
        Subscription.objects.update(resting_until=None)
        Notice.objects.update(due_at=timezone.now(), claimed_until=None)
        (claim,) = claim_due(9)
        errand = judge(claim, is_open=False)
        assert errand
        note_calls(errand.notice_id, [Called(pk, answer) for pk, _parcel in errand.parcels])
        until = Subscription.objects.get().resting_until
        assert until
        rests.append(round((until - timezone.now()).total_seconds(), -1))
    assert rests == [10, 40, 300, 3600, 2560, 3600]
    assert Notice.objects.get().outcome == Outcome.FAILED


def test_a_device_that_rests_is_not_called_for_other_rooms(found: Cast) -> None:
    mention(found)
    (errand,) = go()
    note_calls(errand.notice_id, [Called(errand.parcels[0][0], Answer(429, 60.0))])
    say(found.ann, found.square, "@bob elsewhere")
    (errand,) = go()
    assert errand.parcels == []
    note_calls(errand.notice_id, [])
    assert outcomes() == ["", ""]


def test_one_device_is_told_while_another_rests_and_none_twice(found: Cast) -> None:
    second = device_of(found.bob)
    mention(found)
    (errand,) = go()
    note_calls(errand.notice_id, [Called(pk, Answer(500) if pk == second.pk else OK) for pk, _parcel in errand.parcels])
    assert outcomes() == [""]
    Subscription.objects.update(resting_until=timezone.now())
    Notice.objects.update(due_at=timezone.now())
    (errand,) = go()
    assert [pk for pk, _parcel in errand.parcels] == [second.pk]
    note_calls(errand.notice_id, [Called(second.pk, OK)])
    assert outcomes() == ["pushed"]


def test_a_device_that_always_fails_is_given_up(found: Cast) -> None:
    Subscription.objects.update(failures=MAX_FAILURES - 1)
    called(found, Answer(400))
    assert not Subscription.objects.exists()


def test_what_was_settled_long_ago_is_forgotten(found: Cast) -> None:
    called(found, OK)
    assert forget_old() == 0
    Notice.objects.update(settled_at=timezone.now() - timedelta(days=4))
    assert forget_old() == 1
    assert not Call.objects.exists()


def test_the_key_of_the_site_stays(db: None) -> None:
    assert private_key().private_numbers() == private_key().private_numbers()


@pytest.mark.parametrize(("kind", "line"), [("image", b'"body":"Photo"'), ("file", b'"body":"plan.pdf"')])
def test_a_file_without_a_word_is_called_what_it_is(found: Cast, kind: str, line: bytes) -> None:
    message = mention(found)
    change(message, body="", html="")
    Attachment.objects.create(uploader=found.ann, message=message, name="plan.pdf", kind=kind, size=1, position=0)
    (errand,) = go()
    assert line in errand.parcels[0][1].content


def test_a_muted_room_counts_for_nothing_in_the_badge(found: Cast) -> None:
    say(found.ann, found.den)
    say(found.ann, found.square)
    assert unread_of([found.bob.pk]) == {found.bob.pk: 2}
    Membership.objects.filter(user=found.bob, room=found.den).update(notify="none")
    assert unread_of([found.bob.pk]) == {found.bob.pk: 1}


def test_what_is_deleted_counts_for_nothing_in_the_badge(found: Cast) -> None:
    say(found.ann, found.den)
    message = say(found.ann, found.square)
    delete_message(found.ann.pk, message.pk)
    assert unread_of([found.bob.pk, found.ann.pk]) == {found.bob.pk: 1, found.ann.pk: 0}
