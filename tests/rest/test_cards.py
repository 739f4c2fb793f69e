"""The cards of coming in, as a browser without scripts uses them: never a dead end, and nothing typed is lost."""

import io
import re
from collections.abc import AsyncIterator, Callable
from html import unescape
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.client import Person, arrive, http_client, new_ref
from tests.servers import Site

PASSWORD = "a good long password"


class Browser:
    """Someone who follows links and sends forms."""

    def __init__(self, site: Site) -> None:
        self.http = http_client(site)
        self.page = ""

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return self._shown(await self.http.get(path))

    async def send(self, path: str, picture: bytes | None = None, **fields: str) -> httpx.Response:
        """Send the form of the page, with what it hides."""
        hidden = {name: self.value_of(name) for name in ("csrfmiddlewaretoken", "next", "invitation", "kept")}
        data = {name: value for name, value in hidden.items() if value} | fields
        files = {"picture": ("me.png", picture)} if picture else None
        return self._shown(await self.http.post(path, data=data, files=files))

    def value_of(self, name: str) -> str:
        """Return what the page holds in the field of that name."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return unescape(found[1]) if found else ""

    def links(self) -> list[str]:
        """Return where the page leads."""
        return [unescape(link) for link in re.findall(r'<a [^>]*?href="([^"]*)"', self.page)]

    async def me(self) -> dict[str, Any]:
        """Return who one is now."""
        me: dict[str, Any] = (await self.http.get("/api/v1/me/")).json()
        return me

    def _shown(self, response: httpx.Response) -> httpx.Response:
        self.page = response.text
        return response


@pytest.fixture
async def browse() -> AsyncIterator[Callable[[Site], Browser]]:
    """A factory of browsers: `browse(site)`."""
    browsers: list[Browser] = []

    def open_browser(site: Site) -> Browser:
        browsers.append(Browser(site))
        return browsers[-1]

    yield open_browser
    for browser in browsers:
        await browser.http.aclose()


@pytest.fixture
def site(fresh_server: Callable[..., Site]) -> Site:
    """A site of one's own, whose doors may be shut."""
    return fresh_server()


def nickname() -> str:
    return f"nia {new_ref()[:8]}"


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 40, 40)).save(data, "PNG")
    return data.getvalue()


async def invitation(ann: Person, **fields: Any) -> str:
    return str((await ann.api("POST", "invitations/", 201, json=fields))["code"])


async def test_one_comes_in_with_a_picture(server: Site, browse: Any) -> None:
    nia = browse(server)
    await nia.get("/")
    assert (await nia.send("/", picture(), nickname=nickname(), avatar="owl")).status_code == 302
    assert (await nia.me())["picture"] is True


async def test_the_picture_is_kept_when_the_nickname_is_taken_and_another_face_may_be_chosen(
    server: Site, ann: Person, browse: Any
) -> None:
    for avatar, is_picture in (("own", True), ("whale", False)):
        nia = browse(server)
        await nia.get("/")
        refused = await nia.send("/", picture(), nickname=ann.nickname, avatar="owl")
        assert refused.status_code == 400
        assert 'value="own"' in nia.page
        assert (await nia.send("/", nickname=nickname(), avatar=avatar)).status_code == 302
        assert (await nia.me())["picture"] is is_picture


async def test_nobody_comes_in_with_the_picture_of_another(server: Site, browse: Any) -> None:
    nia, eve = browse(server), browse(server)
    await nia.get("/")
    await nia.send("/", picture(), nickname=nickname(), avatar="owl")
    token = (await nia.me())["avatar_url"].removeprefix("/media/pictures/").removesuffix(".webp")
    await eve.get("/")
    assert (await eve.send("/", nickname=nickname(), avatar="own", kept=token)).status_code == 302
    assert (await eve.me())["picture"] is False


async def test_what_is_no_picture_is_said_at_its_field(server: Site, browse: Any) -> None:
    nia = browse(server)
    await nia.get("/")
    assert (await nia.send("/", b"nonsense", nickname=nickname(), avatar="owl")).status_code == 400
    assert "This is not a picture" in nia.page.split('id="picture"')[1]
    assert (await nia.send("/", nickname=nickname(), avatar="owl")).status_code == 302


async def test_one_signs_up_and_signs_in_again(server: Site, browse: Any) -> None:
    name, nia, again = nickname(), browse(server), browse(server)
    await nia.get("/sign-up/")
    refused = await nia.send("/sign-up/", nickname=name, avatar="owl", password="short")
    assert refused.status_code == 400
    assert 'id="id_password-error"' in nia.page
    assert (await nia.send("/sign-up/", nickname=name, avatar="owl", password=PASSWORD)).status_code == 302
    assert (await nia.me())["is_guest"] is False
    await again.get("/sign-in/")
    assert (await again.send("/sign-in/", nickname=name, password=PASSWORD)).status_code == 302
    assert (await again.me())["nickname"] == name


@pytest.mark.parametrize("path", ["/", "/sign-up/", "/sign-in/"])
async def test_an_invitation_goes_along_every_link(server: Site, browse: Any, path: str) -> None:
    nia = browse(server)
    await nia.get(f"{path}?invitation=abc-_123")
    doors = [link for link in nia.links() if link.startswith(("/?", "/sign-"))]
    assert len(doors) == 2
    assert all("invitation=abc-_123" in link for link in doors)
    assert nia.value_of("invitation") == "abc-_123"
    assert nia.value_of("next") == "/invite/abc-_123/"


async def test_who_signs_in_with_an_invitation_comes_to_it(server: Site, ann: Person, room: int, browse: Any) -> None:
    name, code = nickname(), await invitation(ann, room=room)
    async with http_client(server) as http:
        await http.post("/api/v1/accounts/", json={"nickname": name, "password": PASSWORD})
    nia = browse(server)
    await nia.get(f"/sign-in/?invitation={code}")
    await nia.send("/sign-in/", nickname=name, password="wrong")
    response = await nia.send("/sign-in/", nickname=name, password=PASSWORD)
    assert response.headers["location"] == f"/invite/{code}/"


@pytest.mark.parametrize("path", ["/", "/sign-up/"])
async def test_who_was_invited_into_a_room_comes_out_there(
    server: Site, ann: Person, private_room: int, browse: Any, path: str
) -> None:
    code = await invitation(ann, room=private_room, max_uses=1)
    nia = browse(server)
    await nia.get(f"{path}?invitation={code}")
    response = await nia.send(path, nickname=nickname(), avatar="owl", password=PASSWORD)
    landed = await nia.http.get(response.headers["location"], follow_redirects=True)
    assert landed.status_code == 200
    assert landed.url.path.startswith(f"/rooms/{private_room}")


@pytest.mark.parametrize("path", ["/", "/sign-up/"])
async def test_an_invitation_that_is_no_good_is_said_and_the_next_attempt_is_without_it(
    server: Site, browse: Any, path: str
) -> None:
    nia = browse(server)
    await nia.get(f"{path}?invitation=nothing")
    refused = await nia.send(path, nickname=nickname(), avatar="owl", password=PASSWORD)
    assert refused.status_code == 400
    assert "no longer good" in nia.page
    response = await nia.send(path, nickname=nickname(), avatar="owl", password=PASSWORD)
    assert (response.status_code, response.headers["location"]) == (302, "/home/")


@pytest.mark.parametrize("code", ["../../admin", "a/b", "x" * 65, "a\nb", '"><script>'])
async def test_what_cannot_be_an_invitation_is_none(server: Site, browse: Any, code: str) -> None:
    nia = browse(server)
    for path in ("/", "/sign-up/", "/sign-in/"):
        response = await nia.http.get(path, params={"invitation": code})
        assert response.status_code == 200
        assert 'name="invitation"' not in response.text


@pytest.mark.parametrize("guests", [True, False])
@pytest.mark.parametrize("sign_up", ["open", "invitation", "closed"])
async def test_no_card_is_a_dead_end_whoever_may_come_in(site: Site, browse: Any, guests: bool, sign_up: str) -> None:
    site.backstage("set_admission", guests, sign_up)
    nia = browse(site)
    for invited in (False, True):
        query = "?invitation=abc" if invited else ""
        offered = {
            link.split("?")[0] for path in ("/", "/sign-up/", "/sign-in/") for link in await links(nia, path + query)
        }
        assert "/sign-in/" in offered
        assert ("/sign-up/" in offered) is (sign_up == "open" or (sign_up == "invitation" and invited))
        await nia.get(f"/{query}")
        assert ('name="nickname"' in nia.page) is guests
        assert guests or "card-note" in nia.page or "/sign-up/" in nia.page
        await nia.get(f"/sign-up/{query}")
        assert ('name="password"' in nia.page) is ("/sign-up/" in offered)


async def links(browser: Browser, path: str) -> list[str]:
    """Return where a page leads, but for itself."""
    await browser.get(path)
    return [link for link in browser.links() if link.split("?")[0] != path.split("?", maxsplit=1)[0]]


async def test_an_invitation_of_an_administrator_opens_a_site_that_takes_one(site: Site, browse: Any) -> None:
    ann = await arrive(site, nickname())
    site.backstage("make_administrator", ann.id)
    code = await invitation(ann)
    site.backstage("set_admission", False, "invitation")
    nia = browse(site)
    await nia.get(f"/?invitation={code}")
    assert "/sign-up/" in nia.page
    await nia.get(f"/sign-up/?invitation={code}")
    response = await nia.send("/sign-up/", nickname=nickname(), avatar="owl", password=PASSWORD)
    assert response.status_code == 302
    assert (await nia.me())["is_guest"] is False
    await ann.leave_site()
