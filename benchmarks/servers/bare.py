"""The floor of an acknowledgement: a FastAPI route that checks the signature with LINE's SDK, parses, and forgets."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from linebot.v3.webhook import WebhookParser

from benchmarks.servers.running import run, serve
from benchmarks.webhooks import PATH, SECRET

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
parser = WebhookParser(SECRET)


@app.post(PATH)
async def receive(request: Request) -> Response:
    body = await request.body()
    parser.parse(body.decode(), request.headers["x-line-signature"])
    return PlainTextResponse("ok")


@app.get("/healthz")
async def healthz() -> Response:
    return PlainTextResponse("ok")


if __name__ == "__main__":
    run(serve(app))
