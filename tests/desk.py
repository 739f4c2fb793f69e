"""A moderator at the admin, over HTTP as a browser does it: pages are got, forms are posted with their CSRF token."""

import re
from html import unescape
from typing import Any

import httpx

from tests.client import Person, http_client

PASSWORD = "a good long password"
PEOPLE, MESSAGES, ROOMS, CASES, ACTS = (
    "accounts/user/", "chat/message/", "chat/room/", "moderation/case/", "moderation/act/",
)  # fmt: skip


class Desk:
    """One who is signed in at the admin."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.http = http_client(person.site, follow_redirects=True)

    async def sign_in(self) -> "Desk":
        """Sign in with nickname and password, as the page does."""
        await self.http.get("/sign-in/")
        await self._post("/sign-in/", {"nickname": self.person.nickname, "password": PASSWORD})
        page = await self.get("")
        assert page.url.path == "/admin/", page.url
        return self

    async def get(self, path: str) -> httpx.Response:
        """Get a page of the admin."""
        return await self.http.get(f"/admin/{path}")

    async def act(self, where: str, name: str, *ids: int, **fields: Any) -> str:
        """Carry out an act on things of a list; return what the page says then. An error of the form is raised."""
        form = {"action": name, "index": "0", "select_across": "0", "_selected_action": [str(pk) for pk in ids]}
        page = await self._post(f"/admin/{where}", form | {"apply": "1"} | fields)
        assert page.url.path.startswith("/admin/"), page.url
        errors = re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', page.text, re.DOTALL)
        assert page.status_code == 200, page.text[:300]
        if errors:
            raise Refused(unescape(" ".join(errors)))
        said = re.search(r'<ul class="messagelist">(.*?)</ul>', page.text, re.DOTALL)
        return unescape(said[1]) if said else ""

    async def undo_last(self) -> str:
        """Take back the newest act."""
        page = await self.get(ACTS)
        newest = max(int(pk) for pk in re.findall(r'name="_selected_action" value="(\d+)"', page.text))
        return await self.act(ACTS, "take_back", newest)

    async def close(self) -> None:
        """Go."""
        await self.http.aclose()

    async def _post(self, path: str, form: dict[str, Any]) -> httpx.Response:
        token = self.http.cookies.get("csrftoken") or ""
        return await self.http.post(path, data=form | {"csrfmiddlewaretoken": token})


class Refused(AssertionError):
    """The form said why not."""
