"""The API as one web application, mounted at /api/v1; its description is published at `openapi.json`."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from handlers.api import answering, reading
from handlers.api.door import ApiDoor
from handlers.api.problems import Problem, register
from handlers.api.security import guarded

ROUTERS = (reading.router, answering.router)
PREFIX = "/api/v1"
_ABOUT = """つなぐシートを受け取る機関のシステムのための窓口です。

- 自分の機関に渡されたものだけが見えます。本人が同意した項目だけで、引き受けるまでは中身は見えません。
- 読むたびに、窓口の操作の記録に残ります。
- 本人はいつでも取り消せます。`changes` を1日に1回以上読み、`gone` になったシートの写しは消してください。
- 1分に120回までです。超えると 429 と Retry-After を返します。
- うまくいかないときは RFC 9457 の problem details で、理由を日本語で返します。
"""


def api_app(door: ApiDoor) -> FastAPI:
    """The routes over their parts."""
    app = FastAPI(
        title="つなぐ 外部連携API",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    app.state.door = door
    for router in ROUTERS:
        app.include_router(router)
    register(app)
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    guarded(app, door)
    return app


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the problem details that every route may answer."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        template = "#/components/schemas/{model}"
        _, problems = models_json_schema([(Problem, "serialization")], ref_template=template)
        made["components"]["schemas"] |= problems["$defs"]
        made["servers"] = [{"url": PREFIX}]
        app.openapi_schema = made
    return app.openapi_schema
