"""REST is called by its own OpenAPI document, with what it should take and what it should not (schemathesis)."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tests.client import arrive
from tests.servers import ROOT, Site

COMMANDS = "/api/v1/commands/"


async def call(site: Site, token: str, folder: Path, *options: str, without: str = "") -> str:
    """Run schemathesis on a site; return what it said, or "" if it found nothing."""
    # What the document allows may be against a rule that no document tells: a taken name, a room that is not there.
    left_out = ",".join(filter(None, ["positive_data_acceptance", without]))
    command = [
        str(Path(sys.executable).parent / "st"), "run", f"{site.url}/api/schema/", "--no-color", "--seed", "1",
        "--max-examples", "15", "--phases", "examples,coverage,fuzzing", "--exclude-checks", left_out, *options,
    ]  # fmt: skip
    hooks = {
        "SCHEMATHESIS_HOOKS": "tests.rest.hostile_calls", "HOSTILE_SITE": site.url, "HOSTILE_TOKEN": token,
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=os.environ | hooks, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _nothing = await process.communicate()
    return said.decode() if process.returncode else ""


async def test_no_call_breaks_the_site_or_its_document(fresh_server: Callable[..., Site], tmp_path: Path) -> None:
    site = fresh_server()
    mallory = await arrive(site, "mallory")
    site.backstage("make_administrator", mallory.id)
    assert not await call(site, mallory.token, tmp_path, "--exclude-path", COMMANDS)
    # A command that is refused is answered 200, with an `error` among its events.
    only = ("--include-path", COMMANDS)
    assert not await call(site, mallory.token, tmp_path, *only, without="negative_data_rejection")
    site.check_log()
    await mallory.leave_site()
