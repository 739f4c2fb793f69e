"""The server with faults built in: `python -m tests.faults.rig serve …`, told by the variable RIG (JSON) which.

    {"kill": {"where": "before commit", "after": 20}}        ends as by `kill -9` the 20th time it comes there
    {"chaos": {"seed": 1, "drop": 0.1, "double": 0.1, "shuffle": 0.1}}     what is published goes wrong that often
    {"breaks": ["no heads", …]}                              takes something away that the promise rests on
    {"clock": -600}                                          its clock is that many seconds off

The breaks test the tests: each must turn a check red.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parent.parent.parent)


def main() -> None:
    """Run manage.py with what RIG says."""
    if sys.path[0] != ROOT:
        sys.path.insert(0, ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    rig = json.loads(os.environ.get("RIG", "{}"))
    if rig.get("clock"):
        set_clock(rig["clock"])
    import django

    django.setup()
    if "kill" in rig:
        set_kill(**rig["kill"])
    if "chaos" in rig:
        set_chaos(**rig["chaos"])
    for name in rig.get("breaks", []):
        BREAKS[name]()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[1:]])


def set_clock(seconds: float) -> None:
    """Put the clock of this process ahead or behind."""
    import time_machine

    time_machine.travel(time.time() + seconds, tick=True).start()


def set_kill(where: str, after: int) -> None:
    """End the process the `after`-th time that a batch of messages comes `where`."""
    from chat import writer
    from chat.actions import posting

    left = iter(range(after - 1, -1, -1))

    def die() -> None:
        if next(left, 1) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(act: Callable[..., Any], *, first: bool, pause: float = 0.0) -> Callable[..., Any]:
        @wraps(act)
        def acted(*arguments: Any) -> Any:
            if first:
                die()
            result = act(*arguments)
            if not first:
                # What was published has gone out by then, and nothing was acknowledged: the writer's thread is here.
                time.sleep(pause)
                die()
            return result

        return acted

    if where == "before commit":
        posting._Batch._announce = dying(posting._Batch._announce, first=False)  # type: ignore[method-assign]
    elif where == "after commit":
        posting.publish = dying(posting.publish, first=True)
    elif where == "after publish":
        posting.publish = dying(posting.publish, first=False, pause=0.03)
    elif where == "before the ack":
        writer._answer = dying(writer._answer, first=True)


def set_chaos(seed: int, drop: float = 0.0, double: float = 0.0, shuffle: float = 0.0) -> None:
    """Lose, double or delay what was published about messages, each with a chance."""
    from live.hub import Hub

    arrive, chance = Hub.arrive, random.Random(seed)

    def confused(hub: Hub, envelope: Any) -> None:
        if not envelope["span"]:
            arrive(hub, envelope)
            return
        lot = chance.random()
        if lot < drop:
            return
        if lot < drop + shuffle:
            hub.loop.call_later(chance.random() * 0.2, arrive, hub, envelope)
            return
        arrive(hub, envelope)
        if lot > 1 - double:
            hub.loop.call_later(chance.random() * 0.2, arrive, hub, envelope)

    Hub.arrive = confused  # type: ignore[method-assign]


def _no_refs() -> None:
    """A send that is repeated is stored again, where the unique constraint is gone too (backstage `forget_refs`)."""
    from chat.actions import statements

    statements.find_places = lambda _keys: []


def _ack_before_commit() -> None:
    """Now and then what was acknowledged is rolled back."""
    from chat import writer
    from chat.actions.posting import post_messages
    from database.transactions import write_transaction

    chance = random.Random(5)

    class _Lost(Exception):
        pass

    def careless(drafts: Any) -> Any:
        results: Any = None
        try:
            with write_transaction():
                results = post_messages(drafts)
                if chance.random() < 0.1:
                    raise _Lost
        except _Lost:
            pass
        return results

    writer.post_messages = careless


def _no_heads() -> None:
    """What the database has is never compared with what was delivered."""
    from chat.heads import Heads

    async def nothing(*_arguments: Any) -> None:
        return None

    Heads.look = nothing  # type: ignore[method-assign]
    Heads._repair_quietly = nothing  # type: ignore[method-assign]


def _holes() -> None:
    """Now and then a number is left out."""
    from chat.actions import posting

    number, chance = posting._next_row, random.Random(3)

    def careless(draft: Any, room: Any) -> Any:
        if chance.random() < 0.05:
            room.last_seq += 1
        return number(draft, room)

    posting._next_row = careless


def _no_leases() -> None:
    """A process that is gone keeps its people."""
    from chat.peers import Peers

    Peers.see_leases = lambda _self, _leases: None  # type: ignore[method-assign]


def _no_fence() -> None:
    """Nobody looks again who may hear a room, and that somebody was removed is told to no process."""
    from chat.process import ChatProcess
    from live.hub import Hub

    async def everyone_may(_self: Any, group: Any) -> int:
        return int(group.wanted)

    ChatProcess._check_members = everyone_may  # type: ignore[method-assign]
    Hub.require_fence = lambda *_arguments: None  # type: ignore[method-assign]
    _deaf_to_removals()


def _deaf_to_removals() -> None:
    """The announcement of a removal is lost."""
    _lose(lambda signal: signal["type"] == "left" or (signal["type"] == "members" and signal["removed"]))


def _deaf_to_bans() -> None:
    """The announcement of a ban is lost."""
    _lose(lambda signal: signal["type"] == "access")


def _lose(which: Callable[[Any], Any]) -> None:
    from live.hub import Hub

    arrive = Hub.arrive

    def deaf(self: Any, envelope: Any) -> None:
        if not (envelope["signal"] and which(envelope["signal"])):
            arrive(self, envelope)

    Hub.arrive = deaf  # type: ignore[method-assign]


def _out_of_order() -> None:
    """The commands of one socket are carried out side by side."""
    import asyncio

    from chat.consumers import ChatConsumer

    take, chance = ChatConsumer._take, random.Random(7)

    async def later(self: Any, text: str) -> None:
        await asyncio.sleep(chance.random() * 0.05)
        await take(self, text)

    async def beside(self: Any, text: str | None) -> None:
        if text and '"message.send"' in text:
            self.process.spawn(later(self, text))
        else:
            await take(self, text)

    ChatConsumer._take = beside  # type: ignore[method-assign]


def _no_bound() -> None:
    """A socket that does not read is waited for, however much and however long that is."""
    from chatsite.management.commands import serve
    from live import outlet

    serve.UNREAD_MILLISECONDS = 10**9
    outlet.MAX_FRAMES = outlet.MAX_HELD = outlet.MAX_BYTES = 10**9


def _marks_go_back() -> None:
    """A read mark goes where it is told to."""
    from chat.actions import reading

    def careless(marks: Any) -> None:
        with reading.write_transaction():
            for mark in marks:
                reading.Membership.objects.filter(user_id=mark.user_id, room_id=mark.room_id).update(
                    last_read_seq=mark.seq
                )
            reading._announce(reading._reads(marks))

    from chat import read_marks

    def last(self: Any, mark: Any) -> None:
        self._waiting = {key: held for key, held in self._waiting.items() if key[:2] != (mark.user_id, mark.room_id)}
        move(self, mark)

    move = read_marks.ReadMarks.move
    read_marks.ReadMarks.move = last  # type: ignore[method-assign]
    read_marks.store_read_marks = careless


def _ghosts() -> None:
    """Who goes is not counted out."""
    from chat.presence import Presence

    Presence.disconnect = lambda *_arguments, **_options: None  # type: ignore[method-assign]


def _no_history() -> None:
    """That the database went back is not noticed."""
    from chat.actions import epochs

    epochs._read_note = epochs.HighWater


def _stale_resume() -> None:
    """What resuming brings leaves out what was edited."""
    from chat import history

    read = history.sync_room

    def careless(*arguments: Any, **options: Any) -> Any:
        event = read(*arguments, **options)
        event["messages"] = [message for message in event["messages"] if not message.get("edited_at")]
        return event

    from chat import commands, heads

    commands.sync_room = heads.sync_room = careless


BREAKS: dict[str, Callable[[], None]] = {
    "no refs": _no_refs,
    "ack before commit": _ack_before_commit,
    "no heads": _no_heads,
    "holes": _holes,
    "no leases": _no_leases,
    "no fence": _no_fence,
    "deaf to removals": _deaf_to_removals,
    "deaf to bans": _deaf_to_bans,
    "out of order": _out_of_order,
    "no bound": _no_bound,
    "marks go back": _marks_go_back,
    "ghosts": _ghosts,
    "no history": _no_history,
    "stale resume": _stale_resume,
}

if __name__ == "__main__":
    main()
