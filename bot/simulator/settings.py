"""How the simulated LINE platform is set up: the two secrets it shares with the bot, and where the bot listens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformSettings:
    """One channel. `webhook_url` may be empty and set later; `monthly_limit` None means no limit."""

    channel_secret: str
    access_token: str
    webhook_url: str = ""
    account_name: str = "つなぐ相談"
    monthly_limit: int | None = None
