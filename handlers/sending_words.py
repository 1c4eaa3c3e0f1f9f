"""Why something is not sent, as staff read it."""

from __future__ import annotations

from collections.abc import Mapping

from dialogue.sending import SkipReason

SHOWN: Mapping[str, str] = {
    SkipReason.BLOCKED: "本人がブロックしている",
    SkipReason.ERASED: "本人が消すことを望んでいる",
    SkipReason.UNSAFE: "ここに書くと本人があぶない",
    SkipReason.STOPPED: "本人が、こちらからの連絡をやめてほしいと言っている",
    SkipReason.NO_PLAN: "お便りの予定がなくなった",
    SkipReason.PAUSED: "本人がお休みにしている",
    SkipReason.BULK_PAUSED: "地区または窓口の一斉お休みの間",
    SkipReason.NOT_AGREED: "ほかの人が画面を見るおそれがあり、通知してよいと聞いていない",
    SkipReason.ANSWERED: "本人がもう返事をしている",
    SkipReason.LATE: "予定から24時間より遅れた",
    SkipReason.STAFF_WRITING: "職員がやりとりしている",
    SkipReason.TALK_UNDER_WAY: "本人とのやりとりの途中",
    SkipReason.TALKED_LATELY: "24時間以内に本人が書いている",
    SkipReason.ONE_A_DAY: "きょうはもうこちらから送っている",
    SkipReason.QUOTA: "今月の送信数が残り少なく、人の返事と緊急のために取ってある",
    SkipReason.QUIET_DAY: "祝日や年末年始など、送らない日",
    SkipReason.QUIET_HOURS: "本人の静かな時間",
    SkipReason.SCHOOL_HOURS: "学校の時間",
    SkipReason.RATE: "窓口が一度に送る数をこえている",
    SkipReason.UNDELIVERED: "その前のお便りが届いていない",
    SkipReason.NOT_NOW: "いまの会話には合わない",
    "failed": "うまくいかず、やり直している",
}
