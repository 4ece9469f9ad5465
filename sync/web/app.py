"""The web application: webhook intake, and whether the hub lives and is ready."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from sync.engine.hub import Hub
from sync.store.upgrade import current, head
from sync.web.intake import Intake, Receive, Scope, Send

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

log = logging.getLogger("renkei.web")


class App:
    """Webhooks go to the intake, everything else to the pages.

    The intake stands before the router: a router is a fifth of what a small request costs.
    """

    def __init__(self, intake: Intake, pages: Starlette) -> None:
        self.intake = intake
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].startswith("/hooks/"):
            await self.intake(scope, receive, send)
        else:
            await self.pages(scope, receive, send)


def make_app(hub: Hub, intake: Intake) -> App:
    """The application of one hub."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        why = await run_in_threadpool(_unready, hub)
        status = 200 if why is None else 503
        return JSONResponse({"ready": why is None, "reason": why}, status_code=status)

    pages = Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
        ]
    )
    return App(intake, pages)


def _unready(hub: Hub) -> str | None:
    """Why the hub cannot work now; None where it can."""
    try:
        at = current(hub.database)
    except (SQLAlchemyError, OSError) as error:
        log.warning("the database cannot be reached (%s)", type(error).__name__)
        return "the database cannot be reached"
    if at != head():
        return "the database is not at this version's schema: renkei db upgrade"
    return None
