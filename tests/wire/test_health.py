"""What watches the site: /healthz, /readyz and /metrics."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from tests.client import Person, http_client, open_socket
from tests.servers import Site


async def test_a_server_says_that_it_lives_and_can_serve(server: Site) -> None:
    async with http_client(server) as http:
        assert (await http.get("/healthz")).text == "ok\n"
        ready = await http.get("/readyz")
        assert (await http.post("/healthz")).status_code == 405
    redis = "ok" if server.kind == "grown" else "not used"
    assert (ready.status_code, ready.json()) == (
        200, {"process": "ok", "database": "ok", "redis": redis, "writer": "ok"},
    )  # fmt: skip


async def test_metrics_count_what_happens_at_all_workers(server: Site, ann: Person, room: int) -> None:
    before = await metrics(server)
    socket = await ann.connect()
    for number in range(5):
        await socket.send(f"number {number}", room)
    await asyncio.sleep(1.5)
    after = await metrics(server)
    stored = 'chat_sends_total{result="stored"}'
    assert after[stored] >= before.get(stored, 0) + 5
    assert after["chat_commit_seconds_count"] > 0
    assert after["chat_batch_messages_sum"] >= 5
    assert after["chat_fanout_seconds_count"] > 0
    assert after["chat_sockets"] >= 1
    assert {"chat_backlog_messages", "chat_repaired_gaps_total", "chat_slow_clients_cut_total"} <= after.keys()


async def metrics(site: Site) -> dict[str, float]:
    """Return the samples of /metrics by name and labels."""
    async with http_client(site) as http:
        answer = await http.get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _space, value in (line.rpartition(" ") for line in lines)}


async def test_with_a_token_metrics_are_for_who_has_it_and_behind_a_proxy_for_nobody_without(fresh_server) -> None:
    site = fresh_server(CHATSITE_METRICS_TOKEN="s3cret")
    async with http_client(site) as http:
        assert (await http.get("/metrics")).status_code == 404
        assert (await http.get("/metrics", headers={"Authorization": "Bearer s3cre"})).status_code == 404
        assert (await http.get("/metrics", headers={"Authorization": "Bearer s3cret"})).status_code == 200
    behind = fresh_server(CHATSITE_BEHIND_PROXY="1")
    async with http_client(behind) as http:
        assert (await http.get("/metrics")).status_code == 404


async def test_who_leaves_is_not_ready_and_turns_newcomers_away_while_others_talk_on(fresh_server, newcomer) -> None:
    site = fresh_server(CHATSITE_DRAIN_SECONDS="3")
    ann = await newcomer("ann", site)
    socket = await ann.connect()
    stopping = asyncio.create_task(asyncio.to_thread(site.stop))
    async with http_client(site) as http:
        async with asyncio.timeout(3):
            while (answer := await http.get("/readyz")).status_code == 200:
                await asyncio.sleep(0.05)
        assert (answer.status_code, answer.json()["process"]) == (503, "leaving")
    with pytest.raises(InvalidStatus) as refused:
        await open_socket(site, headers=ann.headers)
    assert refused.value.response.status_code == 503
    assert int(refused.value.response.headers["Retry-After"]) in range(1, 6)
    assert (await socket.send("still here", (await ann.api("GET", "rooms/"))["rooms"][0]["id"]))["type"] == "ack"
    assert await socket.closed() == 1012
    await stopping
    site.check_log()
