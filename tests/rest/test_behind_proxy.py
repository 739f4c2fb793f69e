"""Behind a proxy that ends TLS: cookies, headers, and whose address counts."""

from collections.abc import Callable

import httpx
import pytest

from tests.client import http_client
from tests.servers import Site

SECURE = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.9, 203.0.113.7"}


@pytest.fixture
def proxied(fresh_server: Callable[..., Site]) -> Site:
    """A site that believes what its proxy says."""
    return fresh_server(CHATSITE_BEHIND_PROXY="1")


def cookies_of(response: httpx.Response) -> dict[str, str]:
    """Return the attributes of the cookies that were set, by name."""
    return {line.partition("=")[0]: line for line in response.headers.get_list("set-cookie")}


async def test_cookies_are_for_this_host_and_https_alone(proxied: Site):
    async with http_client(proxied, headers=SECURE) as http:
        page = await http.get("/")
        csrf = cookies_of(page)["__Host-csrftoken"]
        token = csrf.partition("=")[2].partition(";")[0]
        origin = proxied.url.replace("http:", "https:")
        came = await http.post(
            "/api/v1/guests/",
            json={"nickname": "proxied"},
            headers={"Origin": origin, "Cookie": f"__Host-csrftoken={token}", "X-CSRFToken": token},
        )
    assert came.status_code == 201, came.text
    session = cookies_of(came)["__Host-sessionid"]
    for cookie in (csrf, session):
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
    assert "HttpOnly" in session
    assert "max-age=31536000" in page.headers["strict-transport-security"]


async def test_the_address_is_the_one_that_the_proxy_saw(proxied: Site):
    async with http_client(proxied, headers=SECURE) as http:
        came = await http.post("/api/v1/guests/", json={"nickname": "proxied"})
    assert proxied.backstage("arrived_from", came.json()["user"]["id"]) == "203.0.113.7"


async def test_what_rest_answers_is_kept_by_no_cache(proxied: Site):
    async with http_client(proxied, headers=SECURE) as http:
        for path in ("/api/v1/site/", "/api/v1/me/", "/api/v1/nowhere/"):
            assert (await http.get(path)).headers["cache-control"] == "no-store", path


async def test_the_desk_has_no_second_way_to_sign_out_or_to_another_password(proxied: Site):
    async with http_client(proxied, headers=SECURE) as http:
        for path in ("/admin/password_change/", "/admin/logout/"):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["location"]) == (302, "/home/"), path


async def test_sign_ins_good_and_bad_are_in_the_log_without_what_was_typed(proxied: Site):
    async with http_client(proxied, headers=SECURE) as http:
        account = {"nickname": "logged", "password": "a good long password"}
        user = (await http.post("/api/v1/accounts/", json=account)).json()["user"]["id"]
        assert (await http.post("/api/v1/tokens/", json=account | {"password": "hunter22"})).status_code == 401
        assert (await http.post("/api/v1/tokens/", json=account)).status_code == 201
    log = proxied.log_text()
    assert "A sign-in failed from 203.0.113.7" in log
    assert f"User {user} signed in from 203.0.113.7" in log
    assert "hunter22" not in log
    assert "logged" not in log
