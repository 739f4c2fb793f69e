"""Load clients in processes of their own: what they cost can be told from what else runs, and there can be several."""

import asyncio
import gc
import multiprocessing
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

import uvloop

from bench.client import PING_EVERY, Load, LoadError, Sample, Target, allow_many_sockets

ANSWER_SECONDS = 330.0


@dataclass
class Crew:
    """Client processes that share a room."""

    pipes: Sequence[Connection]
    sums_cpu: bool = False
    """Whether each drives a server of its own, and not all the same."""

    def pace(self, rate: float, warm_up: float, seconds: float) -> Sample:
        """Send `rate` messages a second, from the first process, and return what it saw."""
        self.pipes[0].send(("pace", rate, warm_up, seconds))
        sample: Sample = _answer(self.pipes[0])
        return sample

    def measure(self, in_flight: int, warm_up: float, seconds: float) -> Sample:
        """Share `in_flight` messages among the processes and return what they saw together."""
        shares = [in_flight // len(self.pipes) + (n < in_flight % len(self.pipes)) for n in range(len(self.pipes))]
        for pipe, share in zip(self.pipes, shares, strict=True):
            pipe.send(("measure", share, warm_up, seconds))
        return _sum([_answer(pipe) for pipe in self.pipes], 1 if self.sums_cpu else len(self.pipes))


@contextmanager
def crew(target: Target, processes: int = 1) -> Iterator[Crew]:
    """Open the sockets of `target`, spread over `processes`; close them at the end."""
    with crew_of(list(_parts(target, processes)), sums_cpu=False) as people:
        yield people


@contextmanager
def crew_of(targets: Sequence[Target], *, sums_cpu: bool = True) -> Iterator[Crew]:
    """Open the sockets of each target in a process of its own; close them at the end."""
    context = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    workers: list[Any] = []
    try:
        for part in targets:
            ours, theirs = context.Pipe()
            worker = context.Process(target=_work, args=(theirs, part), daemon=True)
            worker.start()
            theirs.close()
            pipes.append(ours)
            workers.append(worker)
        for pipe in pipes:
            _answer(pipe)
        yield Crew(pipes, sums_cpu)
    finally:
        for pipe in pipes:
            pipe.close()
        for worker in workers:
            worker.join(5)
            if worker.is_alive():
                worker.kill()


def _parts(target: Target, processes: int) -> Iterator[Target]:
    sockets, senders = target.sockets // processes, len(target.senders) // processes
    for number in range(processes):
        yield replace(
            target,
            sockets=sockets,
            senders=target.senders[number * senders : (number + 1) * senders],
            tokens=target.tokens[number * sockets : (number + 1) * sockets],
        )


def _answer(pipe: Connection) -> Any:
    if not pipe.poll(ANSWER_SECONDS):
        raise LoadError(f"A load client did not answer within {ANSWER_SECONDS:.0f} s")
    try:
        answer = pipe.recv()
    except EOFError:
        raise LoadError("A load client ended") from None
    if isinstance(answer, str):
        raise LoadError(answer)
    return answer


def _sum(samples: Sequence[Sample], drivers: int) -> Sample:
    count = len(samples)
    return Sample(
        seconds=sum(sample.seconds for sample in samples) / count,
        deliveries=sum(sample.deliveries for sample in samples),
        messages=sum(sample.messages for sample in samples),
        received=sum(sample.received for sample in samples),
        client_cpu=sum(sample.client_cpu for sample in samples),
        server_cpu=sum(sample.server_cpu for sample in samples) / drivers,
        latencies=array("f", [value for sample in samples for value in sample.latencies]),
    )


def _work(pipe: Connection, target: Target) -> None:
    # Nothing here makes cycles, and a collection would stand in the latencies.
    gc.disable()
    allow_many_sockets()
    uvloop.run(_serve(pipe, target))


async def _serve(pipe: Connection, target: Target) -> None:
    load = Load(target)
    try:
        await load.open()
        pipe.send(True)
        while (order := await _next_order(pipe, load)) is not None:
            kind, *rest = order
            pipe.send(await (load.pace if kind == "pace" else load.measure)(*rest))
    except (LoadError, OSError, TimeoutError) as error:
        pipe.send(f"{type(error).__name__}: {error}")
    finally:
        await load.close()


async def _next_order(pipe: Connection, load: Load) -> tuple[Any, ...] | None:
    """Wait for what to measure next, keeping the sockets open meanwhile; None when there is nothing more."""
    # In a thread: uvloop would make the pipe one that does not block, and the answers are long.
    while not await asyncio.to_thread(pipe.poll, PING_EVERY):
        load.keep_alive()
    try:
        order: tuple[Any, ...] = pipe.recv()
    except EOFError:
        return None
    return order
