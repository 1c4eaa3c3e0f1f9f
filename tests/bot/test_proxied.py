"""The certificate header is believed of trusted proxies only, whoever the proxy says it speaks for."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, Request
from httpx import ASGITransport, AsyncClient

from bot.mode import choose_mode
from bot.proxied import behind_proxies
from config.settings import Settings, SettingsError

pytestmark = pytest.mark.anyio

HEADER = "X-Client-Cert"


def program(**given: str) -> object:
    inner = FastAPI()

    @inner.get("/")
    async def _told(request: Request) -> dict[str, object]:
        assert request.client is not None
        return {"from": request.client.host, "shown": request.headers.getlist(HEADER)}

    return behind_proxies(inner, Settings.load(environ=given, env_file=None))


async def told(app: object, *, peer: str, **headers: str) -> dict[str, object]:
    transport = ASGITransport(app=app, client=(peer, 40000))  # type: ignore[arg-type]
    async with AsyncClient(transport=transport, base_url="http://desk") as client:
        answer: dict[str, object] = (
            await client.get("/", headers={name.replace("_", "-"): value for name, value in headers.items()})
        ).json()
    return answer


BOTH = {"TRUSTED_PROXIES": "10.0.0.0/8", "STAFF_CERTIFICATE_HEADER": HEADER}


async def test_a_trusted_proxy_tells_the_certificate_of_whom_it_speaks_for() -> None:
    seen = await told(program(**BOTH), peer="10.1.2.3", x_client_cert="aa", x_forwarded_for="203.0.113.7")
    assert seen == {"from": "203.0.113.7", "shown": ["aa"]}


@pytest.mark.parametrize("peer", ["203.0.113.7", "127.0.0.1", "testclient"])
async def test_nobody_else_does(peer: str) -> None:
    """Nor by pretending to come through the proxy."""
    seen = await told(program(**BOTH), peer=peer, x_client_cert="aa", x_forwarded_for="10.1.2.3")
    assert seen == {"from": peer, "shown": []}


async def test_without_the_setting_headers_are_left_alone() -> None:
    seen = await told(program(TRUSTED_PROXIES="10.0.0.0/8"), peer="203.0.113.7", x_client_cert="aa")
    assert seen == {"from": "203.0.113.7", "shown": ["aa"]}


async def test_without_trusted_proxies_nobody_is_asked_for_a_certificate() -> None:
    settings = Settings.load(environ={"STAFF_CERTIFICATE_HEADER": HEADER}, env_file=None)
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        choose_mode(settings)
    with pytest.raises(SettingsError, match="STAFF_CERTIFICATE_HEADER"):
        Settings.load(environ={"STAFF_CERTIFICATE_HEADER": "X Client"}, env_file=None)
