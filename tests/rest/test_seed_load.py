"""People for load runs: `manage.py seed_load` prints their tokens, and nothing else."""

from tests.client import http_client
from tests.servers import Site


async def test_each_line_is_a_token_that_signs_somebody_in(server: Site):
    printed = server.manage("seed_load", "--users", "3", "--room", "load", "--messages", "5")
    assert printed.endswith("\n")
    tokens = printed.splitlines()
    assert len(tokens) == len(set(tokens)) == 3
    people = set()
    async with http_client(server) as http:
        for token in tokens:
            headers = {"Authorization": f"Bearer {token}"}
            me = await http.get("/api/v1/me/", headers=headers)
            assert me.status_code == 200
            people.add(me.json()["id"])
            rooms = (await http.get("/api/v1/rooms/", headers=headers)).json()["rooms"]
            [room] = [room for room in rooms if room["name"] == "load"]
            assert (room["role"], room["members"], room["head"]) == ("member", 3, {"seq": 5, "change": 5})
    assert len(people) == 3
