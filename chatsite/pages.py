"""Django's handler, but for how it uses threads: all that a page or a REST call asks of Django is done in one."""

import asyncio

from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware

from chatsite.bodies import UPLOADS, Receive, Scope, Send
from database.threads import answer, answer_slowly


class PagesHandler(ASGIHandler):
    """Pages and REST as an ASGI application; static files come before them and need no thread.

    Django's own takes every middleware that is not asynchronous to a thread and back again, in a new thread for each
    request: three times as long for a page of history (docs/performance.md).
    """

    def __init__(self) -> None:
        super().__init__()
        self._static = ServeStaticMiddleware(self._answer)

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002 - as Django calls it
        """Make the chain of `settings.MIDDLEWARE` for use within a thread."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        """Answer one request."""
        # Without a thread of its own for what Django does at the beginning and end of each.
        await self.handle(scope, receive, send)  # type: ignore[arg-type]

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer to a request."""
        response: HttpResponseBase = await self._static(request)
        return response

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        # Pictures that are encoded anew do not keep pages waiting.
        run = answer_slowly if request.path == UPLOADS else answer
        work = asyncio.ensure_future(run(self.get_response, request))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # Who asked has left. Django closes the body once this has ended, and the thread may be about to read it.
            await asyncio.wait([work])
            raise
