"""Servers on one database, and what can be done to them."""

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from tests.client import Person, arrive
from tests.servers import Postgres, Redis, Site, Template, manage

SOAK_SECONDS = float(os.environ.get("SOAK_SECONDS", "0"))


def allowed(seconds: float) -> float:
    """Return how long something promised within `seconds` may take here.

    That long under `make soak`, where the machine is this test's alone; three times that among all other tests.
    """
    return seconds if SOAK_SECONDS else 3 * seconds


class Cluster:
    """Servers that are one site, as on machines of their own: one on SQLite, or several on PostgreSQL and Redis.

    `rig` is what tests/faults/rig.py does to each of them; a list has one for each.
    """

    def __init__(self, folder: Path, template: Template, postgres: Postgres | None, servers: int, rig: Any) -> None:
        self.postgres = postgres
        self.redis = Redis() if postgres else None
        shared = {"CHATSITE_RATE_LIMITS": "off", "CHATSITE_SECRET_KEY": secrets.token_hex()}
        if postgres and self.redis:
            name = f"cluster{secrets.token_hex(4)}"
            postgres.create(name, "template")
            shared |= {"DATABASE_URL": postgres.url(name), "REDIS_URL": self.redis.url}
        kind = "own" if postgres else "sqlite"
        rigs = rig if isinstance(rig, list) else [rig or {}] * servers
        self.sites = [
            Site(folder / f"server{number}", template, kind, **shared, RIG=json.dumps(rigs[number]))
            for number in range(servers)
        ]
        self.people: list[Person] = []
        for site in self.sites:
            if rig:
                site.program = ["-m", "tests.faults.rig"]
            site.start()

    @property
    def site(self) -> Site:
        """One of the servers, for what any can do."""
        return next((site for site in self.sites if site.is_running), self.sites[0])

    def backstage(self, function: str, *arguments: Any) -> Any:
        """Call a function of tests/wire/backstage.py."""
        return self.sites[0].backstage(function, *arguments)

    async def arrive(self, nickname: str) -> Person:
        """Come to the site as a guest."""
        self.people.append(await arrive(self.site, nickname))
        return self.people[-1]

    async def close(self) -> None:
        """Have everyone go."""
        for person in self.people:
            with contextlib.suppress(Exception):
                await person.leave_site()

    def stop(self) -> None:
        """End everything."""
        for site in self.sites:
            site.stop()
        if self.redis:
            self.redis.stop()


def make_postgres(folder: Path) -> Postgres:
    """Return a PostgreSQL that may be killed, with a migrated database "template"."""
    from tests.servers import environment  # noqa: PLC0415 - beside `manage`, which it is for

    postgres = Postgres()
    postgres.create("template")
    manage(environment(folder, DATABASE_URL=postgres.url("template")), "migrate", "-v", "0")
    return postgres
