"""Posting messages by batches: what queued while the last commit ran goes into the next one."""

import asyncio
import threading
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection
from django.utils import timezone

from chat import writer as writer_module
from chat.actions.posting import Draft, Posted, Result
from chat.errors import ChatError, Forbidden, Invalid, NotFound, Unavailable
from chat.models import Message
from chat.writer import MAX_BATCH, MessageWriter
from tests.unit.cast import Cast, draft_of, numbering_faults
from tests.unit.fakes import settle, until


class Store:
    """Stands for the database: takes batches when `gate` is open, and fails on the texts it is told to fail on."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.failures: dict[str, list[Exception]] = {}
        self.refusals: dict[str, ChatError] = {}
        self.gate = threading.Event()
        self.gate.set()

    def post(self, drafts: Sequence[Draft]) -> list[Result]:
        """Take the place of `post_messages`."""
        self.batches.append([draft.body for draft in drafts])
        assert self.gate.wait(5)
        for draft in drafts:
            if self.failures.get(draft.body):
                raise self.failures[draft.body].pop(0)
        return [self.refusals.get(draft.body) or self._place(draft, number) for number, draft in enumerate(drafts)]

    def _place(self, draft: Draft, number: int) -> Posted:
        now = timezone.now()
        return Posted(number + 1, 1, number + 1, number + 1, now, duplicate=draft.body.startswith("again"))


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The database of `writer`."""
    store = Store()
    monkeypatch.setattr(writer_module, "post_messages", store.post)
    yield store
    store.gate.set()


@pytest.fixture
def told() -> list[str]:
    """The texts that the writer said were stored."""
    return []


@pytest.fixture
async def writer(store: Store, told: list[str]) -> AsyncIterator[MessageWriter]:
    """A writer on `store`."""
    writer = MessageWriter(lambda draft, _posted: told.append(draft.body))
    yield writer
    store.gate.set()
    await writer.stop()


def draft(body: str) -> Draft:
    """Return a draft that says `body`."""
    return Draft(author_id=1, ref=uuid.uuid4(), body=body, room=1)


def post_all(writer: MessageWriter, *bodies: str) -> list[asyncio.Task[Posted]]:
    """Start posting each text."""
    return [asyncio.create_task(writer.post(draft(body))) for body in bodies]


async def outcomes(tasks: list[asyncio.Task[Posted]]) -> list[type]:
    """Wait for `tasks` and return what they came to."""
    async with asyncio.timeout(5):
        return [type(result) for result in await asyncio.gather(*tasks, return_exceptions=True)]


async def block(writer: MessageWriter, store: Store) -> asyncio.Task[Posted]:
    """Have a commit run that takes until the gate opens."""
    store.gate.clear()
    (task,) = post_all(writer, "first")
    await until(lambda: store.batches)
    return task


async def test_a_lone_message_waits_for_nobody(writer: MessageWriter, store: Store, told: list[str]) -> None:
    assert (await writer.post(draft("alone"))).seq == 1
    await writer.drain()
    assert (store.batches, told) == ([["alone"]], ["alone"])


async def test_what_queues_during_a_commit_goes_into_the_next_one_in_order(writer: MessageWriter, store: Store) -> None:
    first = await block(writer, store)
    tasks = post_all(writer, "a", "b", "c")
    await settle()
    assert store.batches == [["first"]]
    store.gate.set()
    assert await outcomes([first, *tasks]) == [Posted] * 4
    assert store.batches == [["first"], ["a", "b", "c"]]


async def talk(writer: MessageWriter, *bodies: str) -> None:
    """Post one text after the other, each once the one before is stored."""
    for body in bodies:
        await writer.post(draft(body))


async def test_where_several_talk_a_commit_waits_for_as_many_as_shared_the_last(
    writer: MessageWriter, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.writer.MAX_PAUSE", 30.0)
    monkeypatch.setattr("chat.writer.PAUSE", 1e9)
    first = await block(writer, store)
    quick = [asyncio.create_task(talk(writer, *pair)) for pair in ("ad", "be")]
    (slow,) = post_all(writer, "c")
    await settle()
    store.gate.set()
    await asyncio.gather(first, slow)
    await settle()
    assert store.batches == [["first"], ["a", "b", "c"]]
    await asyncio.gather(writer.post(draft("f")), *quick)
    assert store.batches[2:] == [["d", "e", "f"]]


async def test_nobody_waits_long_for_those_who_fell_silent(writer: MessageWriter, store: Store) -> None:
    first = await block(writer, store)
    crowd = [asyncio.create_task(talk(writer, *texts)) for texts in ("ad", "b", "c")]
    await settle()
    store.gate.set()
    async with asyncio.timeout(5):
        await asyncio.gather(first, *crowd)
    assert store.batches == [["first"], ["a", "b", "c"], ["d"]]


async def test_a_batch_is_bounded(writer: MessageWriter, store: Store) -> None:
    first = await block(writer, store)
    tasks = post_all(writer, *(str(number) for number in range(MAX_BATCH + 5)))
    await settle()
    store.gate.set()
    await outcomes([first, *tasks])
    assert [len(batch) for batch in store.batches] == [1, MAX_BATCH, 5]
    assert [body for batch in store.batches[1:] for body in batch] == [str(number) for number in range(MAX_BATCH + 5)]


async def test_refusals_and_repeats_are_answered_each_and_only_what_was_stored_is_told(
    writer: MessageWriter, store: Store, told: list[str]
) -> None:
    store.refusals["bad"] = Forbidden("no")
    tasks = post_all(writer, "good", "bad", "again good")
    assert await outcomes(tasks) == [Posted, Forbidden, Posted]
    await writer.drain()
    assert told == ["good"]


async def test_one_draft_that_spoils_a_batch_fails_alone(writer: MessageWriter, store: Store, told: list[str]) -> None:
    store.failures["bad"] = [IntegrityError("bad")] * 5
    first = await block(writer, store)
    tasks = post_all(writer, "a", "bad", "b")
    await settle()
    store.gate.set()
    assert await outcomes([first, *tasks]) == [Posted, Posted, Unavailable, Posted]
    await writer.drain()
    assert told == ["first", "a", "b"]


async def test_text_that_the_database_cannot_hold_is_invalid(writer: MessageWriter, store: Store) -> None:
    store.failures["bad"] = [DataError("bad")] * 5
    assert await outcomes(post_all(writer, "a", "bad")) == [Posted, Invalid]


async def test_a_lost_race_for_a_ref_is_tried_again(writer: MessageWriter, store: Store) -> None:
    store.failures["raced"] = [IntegrityError("the ref is there"), IntegrityError("still")]
    assert await outcomes(post_all(writer, "raced")) == [Posted]
    assert len(store.batches) == 3


@pytest.mark.parametrize("error", [OperationalError("locked"), RuntimeError("a mistake")])
async def test_a_database_that_does_not_answer_makes_everything_unavailable_once(
    writer: MessageWriter, store: Store, told: list[str], error: Exception
) -> None:
    store.failures["b"] = [error]
    first = await block(writer, store)
    tasks = post_all(writer, "a", "b", "c")
    await settle()
    store.gate.set()
    assert await outcomes([first, *tasks]) == [Posted, Unavailable, Unavailable, Unavailable]
    assert store.batches == [["first"], ["a", "b", "c"]]
    assert await outcomes(post_all(writer, "b")) == [Posted]


async def test_each_caller_is_given_an_error_of_its_own(writer: MessageWriter, store: Store) -> None:
    store.failures["a"] = [OperationalError("gone")]
    errors = await asyncio.gather(*post_all(writer, "a", "b"), return_exceptions=True)
    assert errors[0] is not errors[1]


async def test_a_writer_goes_on_after_a_failure_of_whoever_it_tells(store: Store) -> None:
    def tell(draft: Draft, _posted: Posted) -> None:
        if draft.body == "bad":
            raise RuntimeError("a mistake")

    writer = MessageWriter(tell)
    first = await block(writer, store)
    tasks = post_all(writer, "a", "bad", "b")
    await settle()
    store.gate.set()
    assert await outcomes([first, *tasks]) == [Posted] * 4
    assert await outcomes(post_all(writer, "later")) == [Posted]
    async with asyncio.timeout(3):
        await writer.drain()
    await writer.stop()


async def test_a_caller_that_goes_away_does_not_take_its_draft_along(
    writer: MessageWriter, store: Store, told: list[str]
) -> None:
    first = await block(writer, store)
    (waiting,) = post_all(writer, "left behind")
    await settle()
    first.cancel()
    waiting.cancel()
    await settle()
    store.gate.set()
    await writer.drain()
    assert store.batches == [["first"], ["left behind"]]
    assert told == ["first", "left behind"]


async def test_a_caller_that_went_away_from_a_refusal_leaves_no_trace(writer: MessageWriter, store: Store) -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    store.refusals["bad"] = Forbidden("no")
    first = await block(writer, store)
    (waiting,) = post_all(writer, "bad")
    await settle()
    waiting.cancel()
    store.gate.set()
    await outcomes([first])
    await writer.drain()
    await settle()
    assert complaints == []


async def test_draining_waits_for_all_that_was_asked_for(writer: MessageWriter, store: Store) -> None:
    await writer.drain()
    first = await block(writer, store)
    tasks = post_all(writer, "a", "b")
    await settle()
    draining = asyncio.create_task(writer.drain())
    await settle()
    assert not draining.done()
    store.gate.set()
    await draining
    assert all(task.done() for task in [first]) or await outcomes([first, *tasks]) == [Posted] * 3
    assert len(store.batches) == 2


async def test_a_writer_that_is_stopped_leaves_nobody_waiting(writer: MessageWriter, store: Store) -> None:
    first = await block(writer, store)
    tasks = post_all(writer, "a")
    await settle()
    await writer.stop()
    late = post_all(writer, "late")
    assert await outcomes([first, *tasks, *late]) == [Unavailable] * 3


async def test_too_much_that_waits_is_refused_at_once(
    writer: MessageWriter, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "MAX_WAITING", 2)
    await block(writer, store)
    tasks = post_all(writer, "a", "b", "c")
    await settle()
    assert await outcomes(tasks[2:]) == [Unavailable]
    store.gate.set()
    assert await outcomes(tasks[:2]) == [Posted, Posted]


# On the real database.


SPOIL = """
    CREATE TRIGGER spoil BEFORE INSERT ON chat_message WHEN NEW.body = 'spoiled'
    BEGIN SELECT RAISE(ABORT, 'spoiled'); END
"""


@pytest.fixture
def spoiling(transactional_db: None) -> Iterator[None]:
    """Have the database refuse the text "spoiled"."""
    with connection.cursor() as cursor:
        cursor.execute(SPOIL)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER spoil")


@pytest.mark.usefixtures("spoiling")
async def test_many_who_write_at_once_are_numbered_without_holes(real_cast: Cast) -> None:
    """Among them repeats, refusals, and one that spoils whatever batch it is in."""
    authors = [real_cast.ann, real_cast.bob, real_cast.mia, real_cast.gus]
    drafts = [draft_of(authors[number % 4], (real_cast.den, real_cast.square)[number % 2]) for number in range(60)]
    repeats = [draft_of(real_cast.ann, real_cast.square, "again", ref=drafts[0].ref) for _ in range(5)]
    refused = [draft_of(real_cast.eve, real_cast.den) for _ in range(5)]
    stored: list[Posted] = []
    writer = MessageWriter(lambda _draft, posted: stored.append(posted))
    tasks = [
        asyncio.create_task(writer.post(item))
        for item in [*drafts[:30], draft_of(real_cast.bob, real_cast.den, "spoiled"), *repeats, *refused, *drafts[30:]]
    ]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    await writer.stop()
    assert Counter(type(result) for result in results) == {Posted: 65, NotFound: 5, Unavailable: 1}
    assert len(stored) == 60
    assert sum(getattr(result, "duplicate", False) for result in results) == 5
    faults, count = await asyncio.to_thread(lambda: (numbering_faults(), Message.objects.count()))
    assert (faults, count) == ([], 60)
