"""The web application: webhook intake, whether the hub lives and is ready, and its metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sync.engine.hub import Hub
from sync.observe.health import unready
from sync.observe.metrics import CONTENT_TYPE, Metrics
from sync.observe.vitals import Vitals
from sync.web.intake import Intake, Receive, Scope, Send

if TYPE_CHECKING:
    from starlette.requests import Request


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


def make_pages(hub: Hub, vitals: Vitals, *, metrics: bool) -> Starlette:
    """Health, and ``metrics`` where they may be seen from where this listens."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        why = await run_in_threadpool(unready, hub, vitals)
        status = 200 if why is None else 503
        return JSONResponse({"ready": why is None, "reason": why}, status_code=status)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz)]
    if metrics:
        shown = Metrics(hub, vitals)

        async def scrape(_request: Request) -> Response:
            body = await run_in_threadpool(shown.render)
            return Response(body, headers={"content-type": CONTENT_TYPE})

        routes.append(Route("/metrics", scrape))
    return Starlette(routes=routes)
