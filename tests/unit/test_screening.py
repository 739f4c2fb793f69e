"""Filters: what they find, what happens then, and that none runs away."""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.actions.newcomers import Newcomer, create_account, create_guest
from accounts.actions.profile import change_profile
from accounts.models import User
from chat.actions.direct import open_direct_room
from chat.actions.messages import delete_message, edit_message, restore_message
from chat.actions.posting import Posted, post_messages
from chat.actions.rooms import create_room, edit_room
from chat.errors import ChatError
from chat.models import Message, Room
from database.transactions import write_transaction
from moderation import matching
from moderation.actions.held import approve_held, refuse_held
from moderation.matching import check_terms, matcher_of
from moderation.models import Case, Filter, HeldMessage
from moderation.rehearsal import rehearse
from moderation.screening import rules
from tests.unit.cast import Cast, change, draft_of, membership_of, say
from tests.unit.test_moderation import refusal


@pytest.fixture(autouse=True)
def _fresh_rules() -> Any:
    rules.forget()
    yield
    rules.forget()


def filter_on(kind: str, terms: str = "", response: str = "refuse", **fields: Any) -> Filter:
    """Turn a filter on."""
    made = Filter.objects.create(name=f"no {terms}", kind=kind, terms=terms, response=response, is_on=True, **fields)
    rules.forget()
    return made


def outcome(author: User, room: Room | None, body: str, **fields: Any) -> str:
    """Return "ok", or the code with which a message is refused."""
    (result,) = post_messages([draft_of(author, room, body, **fields)])
    return result.code if isinstance(result, ChatError) else "ok"


@pytest.mark.parametrize(
    ("kind", "terms", "text", "found"),
    [
        ("words", "casino\nviagra", "Win at the CASINO!", True),
        ("words", "casino", "occasinonal", False),
        ("words", "casino", "ｃａｓｉｎｏ", True),
        ("words", "casino", "cas\u200bino", True),
        ("words", "赌场", "欢迎来到大赌场玩", True),
        ("words", "赌场", "欢迎", False),
        ("words", "free money", "get free money now", True),
        ("links", "", "see https://evil.example/x", True),
        ("links", "", "see evil.com", True),
        ("links", "", "no link. at all", False),
        ("links", "example.org", "https://example.org/a and www.example.org and sub.example.org", False),
        ("links", "example.org", "https://example.org.evil.com/", True),
        ("links", "example.org", "https://notexample.org/", True),
        ("pattern", r"\b\d{4}-\d{4}\b", "call 1234-5678", True),
        ("pattern", r"\b\d{4}-\d{4}\b", "call 12345678", False),
        ("pattern", r"a{}b|c{,}d|e{0}f", "a{}b", True),
        ("pattern", "credit card", "cre\u200bdit card", True),
        ("pattern", "credit card", "ＣＲＥＤＩＴ\u3000ｃａｒｄ", True),
        ("pattern", "credit card", "cr**e**dit card", True),
        ("pattern", "credit card", 'cr[e\u200b](</x y> "t")d_it c_ard', True),
        ("pattern", "caf\u00e9", "cafe\u200b\u0301", True),
        ("pattern", "(?-i:Card)", "c**ard**", False),
        ("pattern", r"\*\*|\u200b", "**", True),
        ("pattern", r"\*\*|\u200b", "a\u200b", True),
        ("everything", "", "anything", True),
        ("words", "viagra", "vi**a**gra", True),
        ("words", "viagra", "via[gra](/x)", True),
        ("words", "viagra", '[via](/x "t")gra', True),
        ("words", "viagra", "[via]( /x\n 't)u' )gra", True),
        ("words", "viagra", r"[via](/x (t\)))gra", True),
        ("words", "viagra", "[via](</x y>)gra", True),
        ("words", "viagra", "[via](</x) y> '')gra", True),
        ("words", "viagra", "[via](/x(a(b)c)d)gra", True),
        ("words", "viagra", r"[via](/x\)y)gra", True),
        ("words", "viagra", "[via](/x\u3000y)gra", True),
        ("words", "viagra", "[via](</x <y>)gra", False),
        ("words", "viagra", "my_viagra_x.txt", True),
        ("words", "viagra", "my_vi\u00e1gra_x.txt", True),
        ("words", "viagra", "myviagra_x.txt", False),
        ("words", "viagra", "via\u034fgra", True),
        ("words", "c++", "I like C++ a lot", True),
        ("words", "bad\n\u200b", "good", False),
        ("words", "badword", "ﷺ" * 450 + " badword", True),
        ("words", "badword", "b\u0301a\u0300dword", True),
        ("words", "café", "CAFÉ", True),
        ("words", "café", "cafe", False),
        ("pattern", r"\b\d{1,3}(?:\.\d{1,3}){3}\b", "at 192.168.0.1", True),
        ("links", "", "[x](https&colon;//evil&period;com)", True),
        ("links", "", "[x](http:///evil.com)", True),
    ],
)
def test_what_a_filter_finds(kind: str, terms: str, text: str, found: bool) -> None:
    assert matcher_of(Filter(kind=kind, terms=terms))(text) is found


@pytest.mark.parametrize(
    ("terms", "text", "found"),
    [
        ("darn", "oh d.a.r.n it", True),
        ("darn", "D.A.R.N!", True),
        ("darn", "d-a.r--n", True),
        ("darn", "d_a_r_n", True),
        ("darn", "oh, d a r n it", True),
        ("darn", "d.a.r.n...really", True),
        ("free money", "f.r.e.e m-o-n-e-y", True),
        ("赌场", "去赌.场玩", True),
        ("法轮功", "法*轮*功", True),
        ("darn", "darn", True),
        # What would surprise.
        ("hell", "he'll come", False),
        ("hell", "shell.", False),
        ("darn", "d.a.r.n.e.d", False),
        ("darn", "d.a.r.ned", False),
        ("darning", "darn-ing", False),
        ("ad", "a/d and a, d", False),
        ("darn", "dar n", False),
        ("日本", "三日，本来要去", False),
        ("日本", "三日 本来要去", False),
    ],
)
def test_words_spelled_with_signs_in_between_are_found_where_that_is_wanted(terms: str, text: str, found: bool) -> None:
    assert matcher_of(Filter(kind="words", terms=terms, spelled_apart=True))(text) is found
    # Marks of bold and of links are read over in any case.
    is_plain = text == terms or bool(set(text) & set("_*"))
    assert matcher_of(Filter(kind="words", terms=terms))(text) is is_plain


def test_looking_for_letters_that_stand_apart_takes_little_time() -> None:
    finds = matcher_of(Filter(kind="words", terms="darn", spelled_apart=True))
    began = time.monotonic()
    for text in ("a." * 2000, "a..." * 1000, "_" * 4000, "a_" * 2000, "赌." * 2000, "a " * 2000):
        assert not finds(text)
    assert time.monotonic() - began < 1


def test_looking_for_where_links_go_takes_little_time() -> None:
    finds = matcher_of(Filter(kind="words", terms="viagra"))
    began = time.monotonic()
    for part in (
        "](",
        "](a ",
        "](<",
        "](a '",
        '](a "',
        "](a (",
        "](\\",
        "](a(b)",
        "(" * 40,
        "](" + "(" * 31,
        "](" + " " * 50,
    ):
        assert not finds((part * 4000)[:4000])
        assert not finds(f"](]( ](a](' (x {part * 1000}"[:4000])
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "terms",
    [
        "(", r"(a+)+$", r"(a|aa)+!x", r".*", "", "(?R)x", "(a)(?1)", "a{5000}", "(?V0)a", "(" * 300, "a" * 501,
        "(?:(?:a{999}){999}){999}", "((((a?){999}){999}){999}){999}x", "(?:(?:b{,999}){999,})", r"(x+x+)+y",
        "(a)(?-1)", "(?+1)(a)", "(?x)(?:(?:a{9 9 9}){9 9 9}){9 9 9}", "(?ix:a{9 9 9})", "(?i-x)a",
    ],
)  # fmt: skip
def test_a_pattern_that_is_none_or_runs_away_is_not_taken(terms: str) -> None:
    with pytest.raises(ValidationError):
        check_terms("pattern", terms)


@pytest.mark.parametrize("terms", ["a{}b", "a{,}b", "a{0}b", r"\b\d{1,3}(?:\.\d{1,3}){3}\b", ".{0,40}poker.{0,40}"])
def test_a_pattern_that_counts_a_little_is_taken(terms: str) -> None:
    check_terms("pattern", terms)


def test_a_pattern_that_runs_away_all_the_same_is_stopped() -> None:
    finds = matcher_of(Filter(kind="pattern", terms=r"(x+x+)+y"))
    began = time.monotonic()
    assert not finds("x" * 4000)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("plain", ["plain"]),
        ("**bold**", ["**bold**", "bold"]),
        ("ｗｉｄｅ", ["ｗｉｄｅ", "wide"]),
        ("**ｗｉｄｅ**", ["**ｗｉｄｅ**", "**wide**", "wide"]),
    ],
)
def test_a_pattern_is_looked_for_in_each_reading_once(
    monkeypatch: pytest.MonkeyPatch, text: str, readings: list[str]
) -> None:
    searched: list[str] = []

    class Pattern:
        def search(self, reading: str, *, timeout: float, concurrent: bool) -> None:
            assert timeout <= 0.02
            searched.append(reading)

    monkeypatch.setattr(matching, "_compiled", lambda _terms: Pattern())
    assert not matcher_of(Filter(kind="pattern", terms="x"))(text)
    assert searched == readings


def test_a_pattern_that_took_too_long_in_one_reading_is_given_up() -> None:
    late: list[bool] = []
    finds = matcher_of(Filter(kind="pattern", terms=r"(x+x+)+y"), lambda: late.append(True))
    began = time.monotonic()
    assert not finds("**ｗ" + "x" * 3900)
    assert time.monotonic() - began < 1
    assert late == [True]


@pytest.mark.parametrize(
    ("kind", "terms"), [("words", "\u200b\n\ufeff"), ("repeats", "9" * 5000), ("repeats", "abc"), ("pattern", "(")]
)
def test_a_filter_that_makes_no_sense_is_not_taken_and_keeps_nobody_from_talking(
    cast: Cast, kind: str, terms: str
) -> None:
    with pytest.raises(ValidationError):
        check_terms(kind, terms)
    filter_on(kind, terms)
    filter_on("words", "casino")
    assert outcome(cast.bob, cast.square, "fine") == "ok"
    assert outcome(cast.bob, cast.square, "casino") == "forbidden"


def test_what_is_refused_says_why_and_is_stored_nowhere(cast: Cast) -> None:
    filter_on("words", "casino", explanation="No gambling here.")
    (result,) = post_messages([draft_of(cast.bob, cast.square, "casino")])
    assert isinstance(result, ChatError)
    assert (result.code, str(result.detail)) == ("forbidden", "No gambling here.")
    assert not Message.objects.filter(body="casino").exists()
    assert outcome(cast.bob, cast.square, "fine") == "ok"


def test_one_that_is_refused_does_not_hold_up_the_others_of_its_batch(cast: Cast) -> None:
    filter_on("words", "casino")
    drafts = [draft_of(cast.bob, cast.square, body) for body in ("one", "casino", "three")]
    assert [isinstance(result, Posted) for result in post_messages(drafts)] == [True, False, True]


def test_a_repeat_of_what_was_stored_before_the_filter_is_answered_as_ever(cast: Cast) -> None:
    draft = draft_of(cast.bob, cast.square, "casino")
    (first,) = post_messages([draft])
    filter_on("words", "casino")
    (again,) = post_messages([draft])
    assert again == first._replace(duplicate=True)  # type: ignore[union-attr]


def test_whom_a_filter_looks_at(cast: Cast, mod: User) -> None:
    filter_on("words", "casino", room=cast.den)
    assert outcome(cast.bob, cast.square, "casino") == "ok"
    assert outcome(cast.bob, cast.den, "casino") == "forbidden"
    assert outcome(cast.mia, cast.den, "casino") == "ok"
    Filter.objects.all().delete()
    filter_on("links", newer_than=24)
    assert outcome(cast.bob, cast.square, "https://x.example") == "forbidden"
    change(cast.bob, created_at=timezone.now() - timedelta(days=2))
    assert outcome(cast.bob, cast.square, "https://x.example") == "ok"
    Filter.objects.all().delete()
    filter_on("words", "casino", only_guests=True)
    assert outcome(cast.gus, cast.square, "casino") == "forbidden"
    change(cast.gus, is_guest=False)
    assert outcome(cast.gus, cast.square, "casino") == "ok"


def test_repeated_texts(cast: Cast) -> None:
    filter_on("repeats", "2")
    assert [outcome(cast.bob, cast.square, text) for text in ("Buy!", "buy!", "ＢＵＹ!", "else")] == [
        "ok", "ok", "forbidden", "ok",
    ]  # fmt: skip
    Message.objects.filter(author=cast.bob).update(created_at=timezone.now() - timedelta(minutes=11))
    assert outcome(cast.bob, cast.square, "buy!") == "ok"


ALIKE = ("Buy now", "**BUY NOW**", " buy\n now ", "b~~uy~~\u3000[now]", "`buy now`")


@pytest.mark.parametrize("text", ALIKE[1:])
def test_texts_that_differ_in_white_space_and_marks_are_the_same(cast: Cast, text: str) -> None:
    filter_on("repeats", "1")
    assert outcome(cast.bob, cast.square, ALIKE[0]) == "ok"
    assert outcome(cast.bob, cast.square, text) == "forbidden"
    assert outcome(cast.bob, cast.square, f"{text} or never") == "ok"


def test_texts_of_marks_alone_and_links_to_elsewhere_are_not_the_same(cast: Cast) -> None:
    filter_on("repeats", "1")
    texts = ("***", "~~~", "* * *", "***", "[this](https://a.example)", "[this](https://b.example)")
    assert [outcome(cast.bob, cast.square, text) for text in texts] == ["ok", "ok", "ok", "forbidden", "ok", "ok"]


def test_a_rehearsal_counts_texts_that_differ_in_white_space_and_marks(cast: Cast) -> None:
    for text in (*ALIKE, "***", "~~~"):
        say(cast.bob, cast.square, text)
    assert rehearse(Filter(kind="repeats", terms="1")).count == len(ALIKE) - 1


def test_repeated_texts_that_are_stored_together(cast: Cast) -> None:
    filter_on("repeats", "2")
    results = post_messages([draft_of(cast.bob, cast.square, "Buy!") for _ in range(4)])
    assert [isinstance(result, ChatError) for result in results] == [False, False, True, True]


def test_what_is_held_is_seen_once_it_is_approved_under_its_own_ref(cast: Cast, mod: User) -> None:
    filter_on("words", "casino", "hold")
    draft = draft_of(cast.bob, cast.square, "casino?")
    (result,) = post_messages([draft])
    assert isinstance(result, ChatError)
    assert result.code == "held"
    assert outcome(cast.bob, cast.square, "casino?", ref=draft.ref) == "held"
    held = HeldMessage.objects.get()
    approve_held(mod, held.pk)
    message = Message.objects.get(ref=draft.ref)
    assert (message.author_id, message.body) == (cast.bob.pk, "casino?")
    assert outcome(cast.bob, cast.square, "casino?", ref=draft.ref) == "ok"
    assert refusal(approve_held, mod, held.pk) == "invalid"


def test_who_is_held_back_reads_why(cast: Cast) -> None:
    filter_on("words", "casino", "hold", explanation="No gambling, please.")
    (result,) = post_messages([draft_of(cast.bob, cast.square, "casino?")])
    assert isinstance(result, ChatError)
    assert str(result.detail) == "A moderator will look at this message before others see it. No gambling, please."


def test_what_is_held_and_refused_stays_away(cast: Cast, mod: User) -> None:
    filter_on("words", "casino", "hold")
    ref = uuid.uuid4()
    assert outcome(cast.bob, cast.square, "casino", ref=ref) == "held"
    refuse_held(mod, HeldMessage.objects.get().pk, "not here")
    assert outcome(cast.bob, cast.square, "casino", ref=ref) == "forbidden"
    assert not Message.objects.filter(ref=ref).exists()


def test_who_may_not_write_is_told_that_and_fills_no_queue(cast: Cast) -> None:
    filter_on("words", "casino", "hold")
    change(membership_of(cast.bob, cast.square), muted_until=timezone.now() + timedelta(hours=1))
    assert outcome(cast.bob, cast.square, "casino") == "muted"
    assert outcome(cast.eve, cast.square, "casino") == "forbidden"
    assert not HeldMessage.objects.exists()


@pytest.mark.parametrize("response", ["hold", "flag", "refuse"])
def test_nothing_of_a_private_chat_comes_before_moderators(cast: Cast, response: str) -> None:
    filter_on("words", "casino", response)
    chat = open_direct_room(cast.ann, cast.bob.pk)
    assert outcome(cast.bob, chat, "casino") == ("ok" if response == "flag" else "forbidden")
    assert not HeldMessage.objects.exists()
    assert not Case.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_flagged_is_let_through_and_reported(real_cast: Cast) -> None:
    filter_on("words", "casino", "flag")
    message = say(real_cast.bob, real_cast.square, "casino")
    case = Case.objects.get()
    assert (case.message_id, case.person_id, case.report_count) == (message.pk, real_cast.bob.pk, 1)
    assert case.reports.get().by is None


def test_an_edit_is_looked_at_too(cast: Cast) -> None:
    message = say(cast.bob, cast.square, "harmless")
    filter_on("words", "casino", "hold")
    assert refusal(edit_message, cast.bob.pk, message.pk, "casino") == "forbidden"


@pytest.mark.django_db(transaction=True)
def test_an_edit_that_is_flagged_is_stored_and_reported(real_cast: Cast) -> None:
    message = say(real_cast.bob, real_cast.square, "harmless")
    filter_on("words", "casino", "flag")
    edit_message(real_cast.bob.pk, message.pk, "casino")
    case = Case.objects.get()
    assert (case.message_id, case.reports.get().by, case.reports.get().quote) == (message.pk, None, "casino")


def test_texts_that_are_repeated_by_edits_are_found(cast: Cast) -> None:
    first, second, third = [say(cast.bob, cast.square, f"harmless {number}") for number in range(3)]
    filter_on("repeats", "2")
    edit_message(cast.bob.pk, first.pk, "Buy this")
    edit_message(cast.bob.pk, first.pk, "buy this")
    edit_message(cast.bob.pk, second.pk, "buy this")
    assert refusal(edit_message, cast.bob.pk, third.pk, "buy this") == "forbidden"


def test_edits_of_who_looks_after_the_room_are_let_through_as_messages_are(cast: Cast) -> None:
    message = say(cast.ann, cast.square, "harmless")
    filter_on("words", "casino")
    assert outcome(cast.ann, cast.square, "casino") == "ok"
    edit_message(cast.ann.pk, message.pk, "casino")


def test_a_filter_that_is_turned_off_or_changed_is_felt(cast: Cast) -> None:
    rule = filter_on("words", "casino")
    assert outcome(cast.bob, cast.square, "casino") == "forbidden"
    Filter.objects.filter(pk=rule.pk).update(terms="poker", changed_at=timezone.now())
    rules.forget()
    assert outcome(cast.bob, cast.square, "casino") == "ok"
    assert outcome(cast.bob, cast.square, "poker") == "forbidden"
    Filter.objects.filter(pk=rule.pk).update(is_on=False)
    rules.forget()
    assert outcome(cast.bob, cast.square, "poker") == "ok"


def test_a_rehearsal_says_what_a_filter_would_have_hit_and_hits_nothing(cast: Cast, mod: User) -> None:
    for number in range(6):
        say(cast.bob, cast.square, "casino" if number % 2 else "fine")
    old = say(cast.gus, cast.square, "casino")
    change(old, created_at=timezone.now() - timedelta(days=31))
    say(cast.bob, open_direct_room(cast.bob, cast.ann.pk), "casino")
    found = rehearse(Filter(kind="words", terms="casino"))
    assert (found.count, found.looked_at, len(found.people), found.is_whole) == (3, 6, 1, True)
    assert all(message.body == "casino" for message in found.hits)
    repeats = rehearse(Filter(kind="repeats", terms="2"))
    assert repeats.count == 2


def test_a_rehearsal_tells_on_how_many_it_took_too_long(cast: Cast) -> None:
    for number in range(3):
        say(cast.bob, cast.square, "x" * 3900 + str(number))
    rehearsal = rehearse(Filter(kind="pattern", terms="(x+x+)+y"))
    assert (rehearsal.count, rehearsal.late) == (0, 3)


def test_a_rehearsal_ends_in_time(cast: Cast) -> None:
    for number in range(20):
        say(cast.bob, cast.square, f"{number}")
    assert not rehearse(Filter(kind="words", terms="casino"), seconds=0.0).is_whole


def test_nicknames_and_names_and_topics_of_rooms_are_looked_at_too(cast: Cast) -> None:
    rule = filter_on("words", "viagra", explanation="No adverts.")
    for field, choose in (
        ("nickname", create_guest),
        ("nickname", lambda text: create_account(Newcomer(text), "a password of mine")),
        ("nickname", lambda text: change_profile(cast.mia, {"nickname": text})),
        ("name", lambda text: create_room(cast.mia, text, "public")),
        ("topic", lambda text: create_room(cast.mia, "Kitchen talk", "private", text)),
        ("name", lambda text: edit_room(cast.ann, cast.square.pk, {"name": text})),
        ("topic", lambda text: edit_room(cast.ann, cast.square.pk, {"topic": text})),
    ):
        with pytest.raises(ChatError) as refused:
            choose("Viagra here")
        assert (refused.value.code, refused.value.fields) == ("invalid", {field: ["No adverts."]})
    change(rule, response="flag", changed_at=timezone.now())
    rules.forget()
    assert create_guest("Viagra here").nickname == "Viagra here"


def test_who_moderates_the_site_may_call_a_room_what_a_filter_refuses(cast: Cast) -> None:
    filter_on("words", "viagra", "hold")
    cast.ann.is_staff = True
    assert edit_room(cast.ann, cast.square.pk, {"topic": "No viagra here"}).topic == "No viagra here"


def test_a_filter_of_one_room_looks_at_its_topic_and_at_no_other(cast: Cast) -> None:
    filter_on("pattern", "via.ra", room=cast.square)
    other = create_room(cast.ann, "Elsewhere", "public", "viagra")
    assert edit_room(cast.ann, other.pk, {"topic": "viagra again"}).topic == "viagra again"
    with pytest.raises(ChatError):
        edit_room(cast.ann, cast.square.pk, {"topic": "viagra"})


def test_a_name_that_was_there_before_the_filter_does_not_keep_other_things_from_being_changed(cast: Cast) -> None:
    edit_room(cast.ann, cast.square.pk, {"topic": "viagra"})
    filter_on("words", "viagra")
    assert edit_room(cast.ann, cast.square.pk, {"topic": "viagra", "slow_mode": 10}).slow_mode == 10


def test_rehearsals_are_refused_while_others_go_on(
    cast: Cast, mod: User, at_desk: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    say(cast.bob, cast.square, "casino")
    turns = threading.BoundedSemaphore(1)
    monkeypatch.setattr("moderation.rehearsal._turns", turns)
    form = {"name": "x", "kind": "words", "terms": "casino", "response": "refuse", "newer_than": "0", "_rehearse": "1"}

    def tried() -> str:
        return at_desk(mod).post("/admin/moderation/filter/add/", form).content.decode()

    with turns:
        page = tried()
    assert "Others are trying filters just now." in page
    assert "It would have hit" not in page
    assert "It would have hit 1 message" in tried()
    assert turns.acquire(blocking=False)


def test_an_expression_is_looked_at_before_the_writers_turn(
    mod: User, at_desk: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def noted(name: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments: done.append(name) or plain(*arguments)

    monkeypatch.setattr("moderation.matching._tempting", noted("looked", matching._tempting))
    monkeypatch.setattr("database.desk.write_transaction", noted("turn", write_transaction))
    form = {"name": "odd", "kind": "pattern", "terms": "odd+ly", "response": "refuse", "newer_than": "0"}
    at_desk(mod).post("/admin/moderation/filter/add/", form)
    assert Filter.objects.get().terms == "odd+ly"
    assert done == ["looked", "turn"]


def test_what_was_deleted_is_looked_at_as_it_is_restored(cast: Cast, mod: User) -> None:
    message = say(cast.bob, cast.square, "casino tonight")
    delete_message(cast.bob.pk, message.pk)
    filter_on("words", "casino")
    with pytest.raises(ChatError):
        restore_message(cast.bob.pk, message.pk)
    Filter.objects.update(is_on=False)
    rules.forget()
    restore_message(cast.bob.pk, message.pk)
