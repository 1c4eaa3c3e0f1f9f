"""The floor of a durable acknowledgement: a bare route, and one INSERT and COMMIT with psycopg for each request."""

from __future__ import annotations

import os
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from linebot.v3.webhook import WebhookParser
from psycopg_pool import AsyncConnectionPool

from benchmarks.servers.running import run, serve
from benchmarks.webhooks import PATH, SECRET

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
parser = WebhookParser(SECRET)
pool = AsyncConnectionPool(
    os.environ["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://"), min_size=10, max_size=10, open=False
)


@app.post(PATH)
async def receive(request: Request) -> Response:
    body = await request.body()
    parser.parse(body.decode(), request.headers["x-line-signature"])
    async with pool.connection() as connection:
        await connection.execute("INSERT INTO floor (id, body) VALUES (%s, %s)", (uuid4(), body))
    return PlainTextResponse("ok")


@app.get("/healthz")
async def healthz() -> Response:
    return PlainTextResponse("ok")


async def main() -> None:
    await pool.open(wait=True)
    async with pool.connection() as connection:
        await connection.execute("CREATE TABLE IF NOT EXISTS floor (id uuid PRIMARY KEY, body bytea)")
    await serve(app)
    await pool.close()


if __name__ == "__main__":
    run(main())
