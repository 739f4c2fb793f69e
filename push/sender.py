"""Calls the devices of people who have no tab open: one task, at one process of the site."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings
from django.db import connection

from chat.process import ChatProcess
from push.actions.calls import Called, note_calls
from push.actions.notices import Claim, Errand, claim_due, forget_old, judge
from push.actions.scouting import Scout
from push.actions.subscriptions import forget_ended
from push.delivery import Parcel, deliver
from push.targets import ForbiddenTarget
from push.vapid import private_key

logger = logging.getLogger(__name__)

AT_ONCE = 64
"""People and rooms for which devices are being called at the same time."""
TIDY_EVERY = 300.0
AFTER_FAULT = 5.0
STOP_SECONDS = 3.0
_Result = TypeVar("_Result")


class Sender:
    """What one process does about push. For the loop's own thread.

    Of several processes the one that sorts first among those alive does the work. Should two think so for a moment,
    nothing comes twice: notices are stored under (message, person), and are taken under a lock.
    """

    def __init__(self, process: ChatProcess) -> None:
        self._process = process
        self._scout = Scout()
        self._errands: set[asyncio.Task[None]] = set()
        self._task = process.loop.create_task(self._run())

    async def stop(self) -> None:
        """Wait a moment for calls under way, and end."""
        self._task.cancel()
        if self._errands:
            await asyncio.wait(self._errands, timeout=STOP_SECONDS)
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(self._task, *self._errands, return_exceptions=True)

    @property
    def leads(self) -> bool:
        """Whether this process is the one that does it."""
        peers = self._process.peers
        return self._process.hub.is_local or peers.id == min([peers.id, *peers.rosters])

    async def _run(self) -> None:
        # After a start nobody is there yet: people whose tabs come back in a moment are not to be called.
        await asyncio.sleep(5 * settings.PUSH_DELAY)
        tidied = -TIDY_EVERY
        while True:
            try:
                if self._process.loop.time() - tidied >= TIDY_EVERY and self.leads:
                    tidied = self._process.loop.time()
                    await _apart(forget_ended)
                    await _apart(forget_old)
                await self._turn()
                await asyncio.sleep(min(1.0, max(0.05, settings.PUSH_DELAY / 2)))
            except Exception:
                logger.exception("Devices could not be called")
                await asyncio.sleep(AFTER_FAULT)

    async def _turn(self) -> None:
        if not self.leads:
            self._scout.forget()
            return
        await _apart(self._scout.look)
        if len(self._errands) >= AT_ONCE:
            return
        for claim in await _apart(claim_due, AT_ONCE - len(self._errands)):
            errand = self._process.loop.create_task(self._see_to(claim))
            self._errands.add(errand)
            errand.add_done_callback(self._finished)

    async def _see_to(self, claim: Claim) -> None:
        presence = self._process.presence
        is_open = presence.is_online(claim.user_id) and not presence.is_away(claim.user_id)
        errand: Errand | None = await _apart(lambda: judge(claim, is_open=is_open))
        if errand is not None:
            key = await _apart(private_key)
            called = await asyncio.gather(*(_call(key, pk, parcel) for pk, parcel in errand.parcels))
            await _apart(note_calls, errand.notice_id, called)

    def _finished(self, errand: asyncio.Task[None]) -> None:
        self._errands.discard(errand)
        if not errand.cancelled() and (error := errand.exception()):
            # Its lease runs out, and it is tried again.
            logger.error("A device could not be called", exc_info=error)


async def _call(key: EllipticCurvePrivateKey, subscription_id: int, parcel: Parcel) -> Called:
    try:
        return Called(subscription_id, await deliver(parcel, key))
    except (ForbiddenTarget, ValueError):
        return Called(subscription_id, None, is_allowed=False)
    except (OSError, TimeoutError):
        return Called(subscription_id, None)


async def _apart(function: Callable[..., _Result], *arguments: Any) -> _Result:
    """Return `function(*arguments)`, run in a thread in whose way nobody is."""
    return await asyncio.to_thread(_with_connection, function, arguments)


def _with_connection(function: Callable[..., _Result], arguments: tuple[Any, ...]) -> _Result:
    try:
        return function(*arguments)
    finally:
        connection.close()
