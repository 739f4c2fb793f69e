"""Files are taken in within limits, attached once, and let go when nothing has them."""

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import TestCase
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.actions import delete_account
from accounts.models import User
from chat.actions import uploads
from chat.actions.indexing import index_some
from chat.actions.messages import delete_message, pin_message, restore_message
from chat.actions.orphans import remove_orphans
from chat.actions.posting import Posted
from chat.actions.uploads import limits_of, store_upload, take_back_upload
from chat.errors import ChatError, Invalid, NotFound
from chat.files import page_of_files, pinned_messages
from chat.models import Attachment, Message
from chat.permissions import get_attachment_for
from chat.search import search
from moderation.actions.held import approve_held, refuse_held
from moderation.actions.purge import purge
from moderation.actions.reports import report_message
from moderation.inspection import get_attachment_at_desk
from moderation.models import Filter, HeldMessage
from moderation.screening import rules
from tests.files import picture
from tests.unit.cast import Cast, change, code_of, draft_of, post, say


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Where files are kept."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOAD_FREE_DISK = 0
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def _no_rules_left() -> Iterator[None]:
    rules.forget()
    yield
    rules.forget()


def upload(user: User, content: bytes = b"text", name: str = "a.txt", ref: uuid.UUID | None = None) -> Attachment:
    return store_upload(user, SimpleUploadedFile(name, content), ref)[0]


def stored(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def age(attachment: Attachment, hours: float) -> None:
    """Let a file have been uploaded so many hours ago."""
    change(attachment, created_at=timezone.now() - timedelta(hours=hours))
    for path in stored(Path(default_storage.path(""))):
        moment = (timezone.now() - timedelta(hours=hours)).timestamp()
        os.utime(path, (moment, moment))


def with_commit(act: Any, *arguments: Any, **options: Any) -> Any:
    """Do something, and what it leaves for after the commit."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return act(*arguments, **options)


def test_the_same_ref_is_the_same_file(cast: Cast, folder: Path) -> None:
    ref = uuid.uuid4()
    first, is_new = store_upload(cast.ann, SimpleUploadedFile("a.txt", b"one"), ref)
    again, is_new_again = store_upload(cast.ann, SimpleUploadedFile("b.txt", b"another"), ref)
    assert (first.pk, is_new, is_new_again) == (again.pk, True, False)
    assert upload(cast.bob, b"one", ref=ref).pk != first.pk
    assert len(stored(folder)) == 2


def test_of_two_that_come_at_once_under_a_ref_one_is_kept(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, prepared = uuid.uuid4(), uploads._prepared

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(uploads, "_prepared", prepared)
        upload(cast.ann, b"the first", ref=ref)
        return prepared(*arguments)

    monkeypatch.setattr(uploads, "_prepared", overtaken)
    late, is_new = store_upload(cast.ann, SimpleUploadedFile("late.txt", b"the second"), ref)
    assert (late.name, is_new) == ("a.txt", False)
    assert len(stored(folder)) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "invalid"), (b"x" * 2001, "too_large"), (picture()[:60], "invalid")],
    ids=["nothing", "too large", "broken picture"],
)
def test_what_is_refused_leaves_nothing_behind(
    cast: Cast, folder: Path, settings: Settings, content: bytes, code: str
) -> None:
    settings.UPLOAD_BYTES = 2000
    with pytest.raises(ChatError) as refusal:
        upload(cast.ann, content)
    assert (refusal.value.code, list(refusal.value.fields or {})) == (code, ["file"])
    assert not stored(folder)
    assert not Attachment.objects.exists()


def test_all_files_of_one_have_a_limit_and_guests_a_smaller_one(cast: Cast, folder: Path, settings: Settings) -> None:
    settings.UPLOAD_QUOTA, settings.UPLOAD_GUEST_QUOTA = 1000, 500
    change(cast.bob, is_guest=False)
    change(cast.ann, is_guest=True)
    ann, bob = User.objects.get(pk=cast.ann.pk), User.objects.get(pk=cast.bob.pk)
    upload(ann, b"x" * 400)
    with pytest.raises(ChatError) as refusal:
        upload(ann, b"x" * 101)
    assert refusal.value.code == "too_large"
    upload(bob, b"x" * 900)
    assert limits_of(bob) == {
        "max_bytes": settings.UPLOAD_BYTES, "quota_bytes": 1000, "used_bytes": 900, "per_message": 10
    }  # fmt: skip
    with_commit(take_back_upload, ann, Attachment.objects.get(uploader=ann).pk)
    upload(ann, b"x" * 500)
    assert len(stored(folder)) == 2


def test_the_limit_counts_what_came_meanwhile(
    cast: Cast, folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_QUOTA = settings.UPLOAD_GUEST_QUOTA = 1000
    prepared = uploads._prepared

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(uploads, "_prepared", prepared)
        upload(cast.ann, b"x" * 600)
        return prepared(*arguments)

    monkeypatch.setattr(uploads, "_prepared", overtaken)
    with pytest.raises(ChatError):
        upload(cast.ann, b"y" * 600)
    assert [path.read_bytes()[:1] for path in stored(folder)] == [b"x"]


def test_a_full_disk_takes_nothing(cast: Cast, folder: Path, settings: Settings) -> None:
    settings.UPLOAD_FREE_DISK = shutil.disk_usage(folder.parent).total
    with pytest.raises(ChatError) as refusal:
        upload(cast.ann)
    assert refusal.value.code == "unavailable"
    assert not stored(folder)


def test_where_the_small_picture_cannot_be_stored_nothing_stays(
    cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = FileSystemStorage.save

    def fail_on_thumbs(storage: Any, name: str, *arguments: Any, **options: Any) -> str:
        if name.endswith(".thumb"):
            raise OSError("no space left")
        return str(save(storage, name, *arguments, **options))

    monkeypatch.setattr(FileSystemStorage, "save", fail_on_thumbs)
    with pytest.raises(OSError, match="no space left"):
        upload(cast.ann, picture("JPEG", (1500, 1500)), "large.jpg")
    assert not stored(folder)
    assert not Attachment.objects.exists()


def test_a_send_without_files_costs_no_query_more(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    attachment = upload(cast.ann)
    say(cast.ann, cast.den)
    rules.get()
    with django_assert_num_queries(9) as asked:
        post(draft_of(cast.ann, cast.den))
    assert not [query for query in asked.captured_queries if "chat_attachment" in query["sql"]]
    with django_assert_num_queries(11):
        post(draft_of(cast.ann, cast.den, attachments=[attachment.pk]))


def test_within_a_batch_a_file_is_taken_once(cast: Cast) -> None:
    attachment = upload(cast.ann)
    results = post(*(draft_of(cast.ann, cast.den, "", attachments=[attachment.pk]) for _ in range(3)))
    assert [code_of(result) for result in results] == ["ok", "not_found", "not_found"]
    assert isinstance(results[0], Posted)
    row = Attachment.objects.get()
    assert (row.message_id, row.room_id, row.seq) == (results[0].id, cast.den.pk, results[0].seq)


def test_what_no_message_takes_within_a_day_goes(cast: Cast, folder: Path) -> None:
    fresh, due, taken = upload(cast.ann, b"fresh"), upload(cast.ann, b"due"), upload(cast.ann, b"taken")
    say(cast.ann, cast.den, attachments=[taken.pk])
    for attachment in (due, taken):
        age(attachment, 25)
    with_commit(remove_orphans)
    assert set(Attachment.objects.values_list("pk", flat=True)) == {fresh.pk, taken.pk}


def test_files_that_no_row_knows_go_and_young_ones_stay(cast: Cast, folder: Path) -> None:
    lost, young = upload(cast.ann, b"lost"), upload(cast.ann, b"known")
    age(lost, 25)
    change(young, created_at=timezone.now())
    Attachment.objects.filter(pk=lost.pk).delete()
    crashed = upload(cast.ann, b"being stored")
    Attachment.objects.filter(pk=crashed.pk).delete()
    assert with_commit(remove_orphans) == 1
    assert sorted(path.read_bytes() for path in stored(folder)) == [b"being stored", b"known"]


def test_old_folders_are_looked_at_when_asked_to(cast: Cast, folder: Path) -> None:
    lost = upload(cast.ann, b"lost long ago")
    old = folder / "files" / "2020-01-01"
    old.mkdir()
    (folder / "files" / lost.folder / lost.token).rename(old / lost.token)
    Attachment.objects.all().delete()
    os.utime(old / lost.token, (0, 0))
    assert remove_orphans() == 0
    said = StringIO()
    call_command("tidy", stdout=said)
    assert "Files: 1." in said.getvalue()
    assert not stored(folder)


@pytest.mark.parametrize("first", ["send", "upkeep"])
def test_of_a_send_and_the_upkeep_one_has_the_file(real_cast: Cast, folder: Path, first: str) -> None:
    attachment = upload(real_cast.ann)
    age(attachment, 25)
    barrier = Barrier(2)
    results: list[Any] = []

    def run(act: Any) -> None:
        barrier.wait()
        results.append(act())
        connection.close()

    acts = [lambda: post(draft_of(real_cast.ann, real_cast.den, "", attachments=[attachment.pk]))[0], remove_orphans]
    threads = [Thread(target=run, args=[act]) for act in (acts if first == "send" else acts[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    posted = next(result for result in results if not isinstance(result, int))
    if code_of(posted) == "ok":
        assert Attachment.objects.get().message_id == posted.id
        assert len(stored(folder)) == 1
    else:
        assert code_of(posted) == "not_found"
        assert not Attachment.objects.exists()
        assert not stored(folder)


def test_who_deletes_the_account_takes_back_what_was_not_sent(cast: Cast, folder: Path) -> None:
    sent, unsent = upload(cast.ann, b"sent"), upload(cast.ann, b"unsent")
    say(cast.ann, cast.den, attachments=[sent.pk])
    with_commit(delete_account, cast.ann)
    assert list(Attachment.objects.values_list("pk", flat=True)) == [sent.pk]
    assert [path.read_bytes() for path in stored(folder)] == [b"sent"]
    assert not Attachment.objects.filter(pk=unsent.pk).exists()


def test_what_is_purged_is_gone_from_disk_and_from_the_quota(cast: Cast, folder: Path) -> None:
    attachment = upload(cast.ann, picture("JPEG", (1500, 1000)), "photo.jpg")
    message = say(cast.ann, cast.den, attachments=[attachment.pk])
    delete_message(cast.ann.pk, message.pk)
    assert len(stored(folder)) == 2
    assert limits_of(cast.ann)["used_bytes"] == attachment.size + attachment.thumb_size
    assert purge(timezone.now(), really=False).files == 1
    assert with_commit(purge, timezone.now(), really=True).files == 1
    assert not stored(folder)
    assert limits_of(cast.ann)["used_bytes"] == 0
    with pytest.raises(NotFound):
        restore_message(cast.ann.pk, message.pk)


def may_read(user: User, attachment: Attachment) -> bool:
    try:
        get_attachment_for(user.pk, attachment.pk, attachment.token)
    except NotFound:
        return False
    return True


def test_a_file_is_read_by_those_who_read_its_message(cast: Cast) -> None:
    secret, open_to_all, unsent = upload(cast.bob), upload(cast.ann), upload(cast.ann)
    message = say(cast.bob, cast.den, attachments=[secret.pk])
    say(cast.ann, cast.square, attachments=[open_to_all.pk])
    boss = User.objects.create_user("boss", "a long password", is_staff=True, is_superuser=True)
    assert [may_read(user, secret) for user in (cast.ann, cast.bob, cast.gus, cast.eve, boss)] == [
        True, True, True, False, False
    ]  # fmt: skip
    assert may_read(cast.eve, open_to_all)
    assert [may_read(user, unsent) for user in (cast.ann, cast.bob, boss)] == [True, False, False]
    delete_message(cast.mia.pk, message.pk)
    assert [may_read(user, secret) for user in (cast.ann, cast.mia, cast.bob)] == [False] * 3
    restore_message(cast.mia.pk, message.pk)
    assert may_read(cast.bob, secret)
    with pytest.raises(NotFound):
        get_attachment_for(cast.ann.pk, secret.pk, "A" * 22)


def test_moderators_look_at_the_desk_at_what_they_read_there(cast: Cast) -> None:
    secret, private = upload(cast.bob), upload(cast.bob)
    message = say(cast.bob, cast.den, attachments=[secret.pk])
    (direct,) = post(draft_of(cast.bob, None, "", to=cast.ann.pk, attachments=[private.pk]))
    assert isinstance(direct, Posted)
    boss = User.objects.create_user("boss", "a long password", is_staff=True, is_superuser=True)

    def at_desk(user: User, attachment: Attachment) -> bool:
        try:
            get_attachment_at_desk(user, attachment.pk, attachment.token)
        except NotFound:
            return False
        return True

    delete_message(cast.bob.pk, message.pk)
    assert [at_desk(user, secret) for user in (boss, cast.bob, cast.mia)] == [True, False, False]
    # Of a private chat what was reported alone.
    assert not at_desk(boss, private)
    report_message(cast.ann, direct.id, "spam")
    assert at_desk(boss, private)


def test_what_a_filter_holds_keeps_its_files(cast: Cast, folder: Path) -> None:
    rule = Filter.objects.create(name="all", kind="everything", response="hold", is_on=True)
    boss = User.objects.create_user("boss", "a long password", is_staff=True, is_superuser=True)
    kept, dropped, another = upload(cast.gus, b"kept"), upload(cast.gus, b"dropped"), upload(cast.bob)
    rules.forget()
    results = post(
        draft_of(cast.gus, cast.den, "", attachments=[kept.pk]),
        draft_of(cast.gus, cast.den, "look", attachments=[dropped.pk]),
        draft_of(cast.gus, cast.den, "again", attachments=[kept.pk]),
        draft_of(cast.gus, cast.den, "not mine", attachments=[another.pk]),
    )
    assert [code_of(result) for result in results] == ["held", "held", "not_found", "not_found"]
    assert HeldMessage.objects.count() == 2
    with pytest.raises(NotFound):
        take_back_upload(cast.gus, kept.pk)
    for attachment in (kept, dropped):
        age(attachment, 25)
    with_commit(remove_orphans)
    assert Attachment.objects.filter(uploader=cast.gus).count() == 2
    get_attachment_at_desk(boss, kept.pk, kept.token)
    first, second = HeldMessage.objects.order_by("pk")
    assert str(first) == "gus: a.txt"
    approve_held(boss, first.pk)
    refuse_held(boss, second.pk)
    assert Message.objects.get().attachments.get().pk == kept.pk
    with_commit(remove_orphans)
    assert not Attachment.objects.filter(pk=dropped.pk).exists()
    rule.delete()


def test_filters_look_at_what_files_are_called(cast: Cast) -> None:
    Filter.objects.create(name="words", kind="words", terms="casino", response="refuse", is_on=True)
    rules.forget()
    results = post(
        draft_of(cast.gus, cast.den, "", attachments=[upload(cast.gus, name="best casino.pdf").pk]),
        draft_of(cast.gus, cast.den, "", attachments=[upload(cast.gus, name="holiday.pdf").pk]),
    )
    assert [code_of(result) for result in results] == ["forbidden", "ok"]


def test_several_pictures_without_words_are_no_repeats_and_the_same_is(cast: Cast) -> None:
    Filter.objects.create(name="repeats", kind="repeats", terms="2", response="refuse", is_on=True)
    rules.forget()
    others = [code_of(post(_only_file(cast.gus, cast, f"{number}".encode()))[0]) for number in range(4)]
    assert others == ["ok"] * 4
    same = [code_of(post(_only_file(cast.gus, cast, b"buy this"))[0]) for _ in range(3)]
    assert same == ["ok", "ok", "forbidden"]


def _only_file(user: User, cast: Cast, content: bytes) -> Any:
    return draft_of(user, cast.den, "", attachments=[upload(user, content).pk])


def test_messages_are_found_by_their_files(cast: Cast) -> None:
    photo = say(cast.ann, cast.den, "", attachments=[upload(cast.ann, picture(), "summer_holiday.png").pk])
    report = say(cast.ann, cast.den, "as promised", attachments=[upload(cast.ann, name="年度报告.pdf").pk])
    say(cast.ann, cast.den, "the holidays are over")
    while index_some(everywhere=True):
        pass

    def found(text: str, user: User = cast.bob) -> list[int]:
        return [result["message"]["id"] for result in search(user, text)["results"]]

    assert found("has:file") == [report.pk, photo.pk]
    assert found("has:image") == [photo.pk]
    assert found("has:video") == []
    assert found("summer") == found("has:image holiday") == [photo.pk]
    assert found("年度报告") == found("报告 promised") == [report.pk]
    assert found('"holiday.png"') == [photo.pk]
    assert found("has:file", cast.eve) == []
    with pytest.raises(Invalid):
        search(cast.bob, "has:nothing")
    delete_message(cast.ann.pk, photo.pk)
    assert found("has:image") == []


def test_the_files_of_a_room_come_by_page_the_newest_first(cast: Cast) -> None:
    sent = []
    for number in range(5):
        ids = [upload(cast.ann, b"x", f"{number} {part}.txt").pk for part in range(3)]
        sent.append((say(cast.ann, cast.den, "", attachments=ids), ids))
    image = upload(cast.ann, picture(), "p.png")
    say(cast.ann, cast.den, "", attachments=[image.pk])
    page = page_of_files(cast.bob.pk, cast.den.pk, limit=5)
    names = [file["name"] for file in page["files"]]
    # Those of one message stay together.
    assert names == ["p.png", "4 0.txt", "4 1.txt", "4 2.txt", "3 0.txt", "3 1.txt", "3 2.txt"]
    assert page["more"]
    assert page["files"][1]["message"] == sent[4][0].pk
    assert page["files"][1]["author"]["nickname"] == "ann"
    rest = page_of_files(cast.bob.pk, cast.den.pk, before=page["files"][-1]["seq"])
    assert (rest["files"][0]["name"], len(rest["files"]), rest["more"]) == ("2 0.txt", 9, False)
    assert [file["id"] for file in page_of_files(cast.bob.pk, cast.den.pk, kind="image")["files"]] == [image.pk]
    delete_message(cast.ann.pk, sent[4][0].pk)
    assert "4 0.txt" not in [file["name"] for file in page_of_files(cast.bob.pk, cast.den.pk)["files"]]
    with pytest.raises(NotFound):
        page_of_files(cast.eve.pk, cast.den.pk)


def test_what_is_pinned_comes_with_the_last_pin_first(cast: Cast) -> None:
    first, second, third = (say(cast.ann, cast.den, text) for text in ("one", "two", "three"))
    for message in (third, first, second):
        pin_message(cast.ann.pk, message.pk)
    delete_message(cast.ann.pk, first.pk)
    assert [frame["body"] for frame in pinned_messages(cast.bob.pk, cast.den.pk)] == ["two", "three"]
    with pytest.raises(NotFound):
        pinned_messages(cast.eve.pk, cast.den.pk)
