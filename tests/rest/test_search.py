"""`GET search/`: what was said is found by those who may see it, on SQLite and PostgreSQL alike."""

from typing import Any

import pytest

from tests.client import Person, until

SOON = 15.0


async def found(person: Person, query: str, **more: Any) -> list[str]:
    """Return the texts that somebody finds."""
    answer = await person.api("GET", "search/", 200, params={"q": query, **more})
    return [hit["message"].get("body", "") for hit in answer["results"]]


async def finds(person: Person, query: str, *texts: str) -> None:
    """Wait until somebody finds these, the newest first: the index follows a moment later."""
    await until(lambda: found(person, query), lambda texts_found: texts_found == list(texts), within=SOON)


async def test_words_are_found_in_both_languages(ann: Person, bob: Person, room: int):
    await ann.post(f"Running late for the 电影 of {room}", room)
    await ann.post(f"Nothing of the kind {room}", room)
    for query in ("run", "running late", "电影", f"late in:{room}", f"LATE from:{ann.nickname}"):
        await finds(bob, f"{query} in:{room}" if "in:" not in query else query, f"Running late for the 电影 of {room}")
    assert await found(bob, f"影电 in:{room}") == []


async def test_what_one_may_not_see_is_not_found(ann: Person, bob: Person, eve: Person, private_room: int):
    secret = f"secret{private_room}x{ann.id}"
    await ann.post(secret, private_room)
    await finds(bob, secret, secret)
    assert await found(eve, secret) == []
    await ann.api("DELETE", f"rooms/{private_room}/members/{bob.id}/")
    assert await found(bob, secret) == []


async def test_what_is_deleted_is_gone_at_once_and_an_edit_follows(ann: Person, room: int):
    word = f"needle{room}"
    sent = await ann.post(word, room)
    await finds(ann, word, word)
    await ann.api("DELETE", f"messages/{sent['id']}/")
    assert await found(ann, word) == []
    other = await ann.post(f"{word} two", room)
    await finds(ann, word, f"{word} two")
    await ann.api("PATCH", f"messages/{other['id']}/", json={"body": f"thread{room}"})
    await finds(ann, f"thread{room}", f"thread{room}")
    assert await found(ann, word) == []


async def test_a_hit_has_its_room_and_what_was_said_around_it(ann: Person, room: int):
    for text in ("before", f"pin{room}", "after"):
        await ann.post(text, room)
    await finds(ann, f"pin{room}", f"pin{room}")
    (hit,) = (await ann.api("GET", "search/", 200, params={"q": f"pin{room}"}))["results"]
    assert hit["room"]["id"] == room
    assert [message["body"] for message in hit["context"]] == ["before", "after"]


@pytest.mark.parametrize("query", ["before:tomorrow", "has:nothing", "x" * 300])
async def test_what_makes_no_sense_is_refused_with_a_sentence(ann: Person, query: str):
    answer = await ann.api("GET", "search/", 400, params={"q": query})
    assert answer["code"] == "invalid"
    assert answer["detail"]
