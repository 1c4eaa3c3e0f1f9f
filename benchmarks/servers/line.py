"""The LINE simulator's API in a process of its own, which notes when each answer of the bot arrived.

`POST /bench/residents` makes residents; `POST /bench/tokens` says which reply tokens will be valid and from when;
`GET /bench/arrivals` tells when each was answered, on the machine's monotonic clock that all processes share.
"""

from __future__ import annotations

import time
from datetime import timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from benchmarks.servers.running import run, serve
from benchmarks.webhooks import SECRET, TOKEN
from bot.simulator import ApiRequest, Friendship, HangingUpProtocol, Platform, PlatformSettings, messaging_api


class TimedPlatform(Platform):
    """The platform, with a note of every answer to a resident it has taken."""

    def __init__(self) -> None:
        super().__init__(PlatformSettings(channel_secret=SECRET, access_token=TOKEN, webhook_url=""))
        self.replies: dict[str, float] = {}
        self.others: list[str] = []

    def record(self, request: ApiRequest) -> None:
        if request.accepted and request.path.endswith("/message/reply"):
            self.replies[request.body["replyToken"]] = time.monotonic()
        else:
            self.others.append(f"{request.path.rsplit('/', 1)[-1]} {request.status}")
        super().record(request)


platform = TimedPlatform()


async def residents(request: Request) -> Response:
    made = [platform.residents.add() for _ in range(await request.json())]
    for resident in made:
        resident.friendship = Friendship.FRIEND
    return JSONResponse([resident.user_id for resident in made])


async def tokens(request: Request) -> Response:
    now = platform.core.now()
    for token, user_id, seconds in await request.json():
        platform.tokens.issue(token, user_id, now + timedelta(seconds=seconds))
    return JSONResponse({})


async def arrivals(_: Request) -> Response:
    return JSONResponse({"replies": platform.replies, "others": platform.others})


async def healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


app = Starlette(
    routes=[
        Route("/bench/residents", residents, methods=["POST"]),
        Route("/bench/tokens", tokens, methods=["POST"]),
        Route("/bench/arrivals", arrivals),
        Route("/healthz", healthz),
        Mount("/", messaging_api(platform)),
    ]
)

if __name__ == "__main__":
    run(serve(app, http=HangingUpProtocol))
