"""Where mails to staff are handed in: the settings' mail server, the simulator's page, or nowhere yet."""

from __future__ import annotations

from config.mail import read_sender, read_server
from config.settings import Settings, SettingsError
from handlers.mail import SmtpPost

#: What the Message-IDs of mails end in that were put down before there was a mail server.
NO_DOMAIN = "tsunagu.invalid"


def smtp_post(settings: Settings) -> SmtpPost | None:
    """The mail server of the settings. Raises SettingsError when only one of the two is there."""
    url, sender = settings.smtp_url, settings.mail_from
    if url is None and sender is None:
        return None
    if sender is None:
        raise SettingsError(["MAIL_FROM: ありません。SMTP_URLと両方そろえてください"])
    if url is None:
        raise SettingsError(["SMTP_URL: ありません。MAIL_FROMと両方そろえてください"])
    return SmtpPost(read_server(url.get_secret_value()), read_sender(sender))
