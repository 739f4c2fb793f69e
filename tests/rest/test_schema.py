"""REST describes itself, and needs no other host for it."""

import re

import yaml

from tests.client import Person
from tests.servers import Site

CALLS = ["guests/", "tokens/", "tokens/current/", "me/", "rooms/", "rooms/{room_id}/", "rooms/{room_id}/join/",
         "rooms/{room_id}/leave/", "rooms/{room_id}/messages/", "rooms/{room_id}/members/", "direct/", "messages/",
         "messages/{message_id}/", "commands/", "sync/", "socket-tickets/"]  # fmt: skip
ELSEWHERE = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|url\(["']?(?:https?:)?//|@import""")


async def test_the_schema_describes_every_call(ann: Person):
    response = await ann.http.get("/api/schema/")
    assert response.status_code == 200
    schema = yaml.safe_load(response.text)
    assert schema["openapi"].startswith("3.")
    assert [call for call in CALLS if f"/api/v1/{call}" not in schema["paths"]] == []
    assert {"token", "session"} <= schema["components"]["securitySchemes"].keys()


async def test_the_documentation_pages_load_nothing_from_elsewhere(server: Site, ann: Person):
    page = await ann.http.get("/api/docs/")
    assert page.status_code == 200
    assert not ELSEWHERE.search(page.text)
    files = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
    assert any(file.endswith(".js") for file in files)
    for file in files:
        response = await ann.http.get(file)
        assert response.status_code == 200, file
    policy = page.headers["content-security-policy"]
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert "http:" not in policy
    assert "https:" not in policy
