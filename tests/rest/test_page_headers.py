"""What a browser is told that it may do with our pages."""

import pytest

from tests.client import http_client
from tests.servers import Site
from tests.wire import on_sqlite


@on_sqlite
@pytest.mark.parametrize("path", ["/", "/sign-in/"])
async def test_a_page_may_run_no_script_but_our_files(server: Site, path: str):
    async with http_client(server) as http:
        response = await http.get(path)
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    directives = {name: values for name, *values in (part.split() for part in policy.split(";") if part.strip())}
    assert directives["script-src"] == ["'self'"]
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
