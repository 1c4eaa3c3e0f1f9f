"""What comes from a proxy in front of the program: the caller's address, and the certificate a browser showed there.

Both are believed of trusted proxies only. Anybody else's certificate header is taken off before the program sees it.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from config.settings import Settings


def behind_proxies(app: ASGIApp, settings: Settings) -> ASGIApp:
    """The application as proxies reach it. Without trusted proxies nobody's headers count."""
    if settings.trusted_proxies:
        app = ProxyHeadersMiddleware(app, trusted_hosts=list(settings.trusted_proxies))  # type: ignore[arg-type, assignment]
    if settings.staff_certificate_header is None:
        return app
    return CertificateGate(app, settings.staff_certificate_header, settings.trusted_proxies)


class CertificateGate:
    """ASGI: the certificate header of whoever is no trusted proxy is taken off. Outside of what changes addresses."""

    def __init__(self, app: ASGIApp, header: str, trusted: tuple[str, ...]) -> None:
        self._app = app
        self._header = header.lower().encode("ascii")
        self._trusted: tuple[IPv4Network | IPv6Network, ...] = tuple(
            ip_network(entry, strict=False) for entry in trusted
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and not self._is_trusted(scope.get("client")):
            kept = [(name, value) for name, value in scope["headers"] if name.lower() != self._header]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, send)

    def _is_trusted(self, client: tuple[str, int] | None) -> bool:
        if client is None:
            return False
        try:
            address = ip_address(client[0])
        except ValueError:
            return False
        return any(address in network for network in self._trusted)
