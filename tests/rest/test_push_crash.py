"""A server that is killed while people are to be called loses no call."""

import asyncio
from collections.abc import Callable
from threading import Event

from tests.client import arrive, until
from tests.push_service import PushService, calling_soon, phone_of
from tests.servers import Site


async def test_a_server_killed_between_message_and_call_loses_and_doubles_nothing(
    fresh_server: Callable[..., Site], service: PushService
) -> None:
    site = fresh_server("sqlite", **calling_soon(service))
    ann, bob = await arrive(site, "ann"), await arrive(site, "bob")
    phone = await phone_of(bob, service)
    posted = await ann.post(f"@{bob.nickname} before the crash", 1)
    await asyncio.to_thread(site.kill)
    assert phone.asked == 0
    await asyncio.to_thread(site.start)
    assert (await phone.letter())["message"] == posted["id"]
    await asyncio.to_thread(site.kill)
    await asyncio.to_thread(site.start)
    again = await ann.post(f"@{bob.nickname} after it", 1)
    assert (await phone.letter())["message"] == again["id"]
    assert phone.asked == 2
    for person in (ann, bob):
        await person.leave_site()


async def test_killed_while_the_push_service_answers_it_calls_again_under_the_same_topic(
    fresh_server: Callable[..., Site], service: PushService
) -> None:
    site = fresh_server("sqlite", **calling_soon(service))
    ann, bob = await arrive(site, "ann"), await arrive(site, "bob")
    phone = await phone_of(bob, service)
    phone.before_answer = Event()
    posted = await ann.post(f"@{bob.nickname} in the middle", 1)

    async def asked() -> int:
        return phone.asked

    await until(asked, lambda count: count == 1)
    await asyncio.to_thread(site.kill)
    phone.before_answer.set()
    await asyncio.to_thread(site.start)
    # The claim of the first one runs out first.
    first, second = await phone.letter(), await phone.letter(within=60)
    assert first["message"] == second["message"] == posted["id"]
    assert first.headers["topic"] == second.headers["topic"]
    for person in (ann, bob):
        await person.leave_site()
