"""Every answer of the running program carries security headers, whichever door it came from, errors too."""

from __future__ import annotations

import httpx
import pytest
from road import Bot

PATHS = (
    "/", "/nothing", "/healthz", "/readyz", "/metrics", "/staff/", "/staff/sign-in", "/staff/static/base.css",
    "/staff/nothing", "/room/", "/room/nothing", "/room/static/room.css", "/api/v1/openapi.json", "/api/v1/cases",
    "/api/v1/nothing", "/line/default/webhook", "/line/nobody/webhook",
)  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_no_answer_goes_without_headers(bot: Bot, method: str) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{bot.settings.port}") as client:
        for path in PATHS:
            answer = client.request(method, path)
            said = f"{method} {path}: {answer.status_code}"
            assert answer.status_code < 500 or path == "/readyz", said
            assert answer.headers.get_list("x-content-type-options") == ["nosniff"], said
            assert answer.headers.get_list("x-frame-options") == ["DENY"], said
            assert len(answer.headers.get_list("referrer-policy")) == 1, said
            (policy,) = answer.headers.get_list("content-security-policy")
            assert "default-src 'none'" in policy, said
            assert "frame-ancestors 'none'" in policy, said
            assert "unsafe" not in policy, said


def test_the_api_stands_in_the_program(bot: Bot) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{bot.settings.port}/api/v1") as client:
        assert client.get("/openapi.json").json()["info"]["title"] == "つなぐ 外部連携API"
        assert client.get("/cases").json()["type"] == "urn:tsunagu:problem:no-token"
