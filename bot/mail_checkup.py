"""Examining how staff are told: the settings, the mail server, and a mail to try it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.findings import Finding, Mark
from bot.mail import smtp_post
from config.content import load_content
from config.mail import is_address
from config.settings import Settings, SettingsError
from handlers.mail import Answer, Fate, compose
from storage.ids import new_id
from storage.notice_tables import NoticeKind
from storage.notices import Mail

_WHY = {
    "sign_in_refused": "名前かパスワードが断られました",
    "SMTPConnectError": "つながりません",
    "SMTPConnectTimeoutError": "つながりません",
    "SMTPReadTimeoutError": "答えがありません",
    "SMTPServerDisconnected": "途中で切れました",
}


async def examine_mail(settings: Settings, *, simulator: bool) -> list[Finding]:
    """Whether mail to staff can be handed in."""
    try:
        post = smtp_post(settings)
    except SettingsError as error:
        return [Finding(Mark.BAD, "メール", line) for line in error.lines]
    if post is None and simulator:
        return [Finding(Mark.NOTE, "メール", "シミュレーターでは、送らずに画面に並べます")]
    if post is None:
        advice = "SMTP_URL と MAIL_FROM を設定してください"
        return [Finding(Mark.NOTE, "メール", "設定がないので、緊急の知らせがだれにも届きません", advice)]
    answer = await post.check()
    findings = [Finding(Mark.GOOD, "メール", "メールサーバーに入れます")] if _is_good(answer) else [_bad(answer)]
    if settings.public_url is None and not simulator:
        findings.append(Finding(Mark.NOTE, "メール", "PUBLIC_URLがないので、メールの入口がこの機械の中だけを指します"))
    return findings


async def send_trial(settings: Settings, to: str, *, now: datetime) -> Finding:
    """Hand one mail in, with the words of a test, past the database."""
    if not is_address(to):
        return Finding(Mark.BAD, "ためしのメール", "宛先がメールアドレスではありません")
    try:
        post = smtp_post(settings)
    except SettingsError as error:
        return Finding(Mark.BAD, "ためしのメール", error.lines[0])
    if post is None:
        return Finding(Mark.BAD, "ためしのメール", "SMTP_URL と MAIL_FROM がありません")
    site, content = settings.public_url or settings.own_address, load_content()
    message = compose(
        _trial(to, post.sender.domain, now),
        content.notices.words(NoticeKind.TEST.value, 0),
        sender=post.sender,
        account=content.desk.account,
        link=f"{site}/staff/",
        now=now,
    )
    answer = await post.hand_in(message, to)
    if _is_good(answer):
        return Finding(Mark.GOOD, "ためしのメール", "メールサーバーが受け取りました。届いたか確かめてください")
    return _bad(answer)


def _trial(to: str, domain: str, now: datetime) -> Mail:
    return Mail(
        id=new_id(),
        desk_id="-",
        kind=NoticeKind.TEST,
        call_id=None,
        case_id=None,
        number=None,
        step=0,
        minutes=0,
        address=to,
        message_id=f"<{new_id().hex}@{domain}>",
        created_at=now,
        expires_at=now + timedelta(hours=1),
        tries=1,
        unsure=False,
        maybe_doubled=False,
    )


def _is_good(answer: Answer) -> bool:
    return answer.fate is Fate.TAKEN


def _bad(answer: Answer) -> Finding:
    reason = answer.reason or "?"
    why = _WHY.get(reason, f"メールサーバーの答え: {reason}")
    return Finding(Mark.BAD, "メール", f"メールを渡せません({why})", "SMTP_URL と MAIL_FROM を確かめてください")
