"""How the console calls things, in Japanese."""

from __future__ import annotations

from collections.abc import Mapping

from casework.consents import NotAsked
from casework.people import Role

ROLES: Mapping[Role, str] = {
    Role.COORDINATOR: "相談員",
    Role.SUPERVISOR: "主任相談員",
    Role.ADMIN: "管理者",
    Role.AUDITOR: "監査",
    Role.TRIAGER: "取りまとめ",
    Role.MEETING_MEMBER: "支援会議の構成員",
    Role.RECIPIENT: "受け手(他機関)",
}

ROLE_HINTS: Mapping[Role, str] = {
    Role.COORDINATOR: "担当の圏域の相談を受け、返事をする",
    Role.SUPERVISOR: "窓口のすべての相談を見て、割り当てる",
    Role.ADMIN: "職員の登録と窓口の設定。相談は見られない",
    Role.AUDITOR: "操作の記録を調べる。相談の言葉は見られない",
    Role.TRIAGER: "届いたつなぐシートを振り分ける",
    Role.MEETING_MEMBER: "会議に出された資料だけを見る",
    Role.RECIPIENT: "自分の機関に届いたシートだけを見て、返事をする",
}

#: Why a new password will not do.
WEAK: Mapping[str, str] = {
    "short": "12文字以上にしてください。",
    "long": "128文字までにしてください。",
    "monotonous": "同じ文字のくり返しは使えません。",
    "common": "推測されやすい言葉です。別のものにしてください。",
    "differs": "2つの入力が同じではありません。",
    "same": "いまのパスワードとは別のものにしてください。",
    "wrong": "いまのパスワードが違います。",
}

#: Why the program does not put a question of consent to the resident, and what to do instead.
NOT_ASKED: Mapping[NotAsked, str] = {
    NotAsked.UNDER_16: "16歳になっていない方（らしい方）です。自動では聞きません。共有の根拠は、会って決めてください。",
    NotAsked.ABOUT_ANOTHER: "ほかの人のことを知らせてくれた方です。その人の代わりに同意することはできません。",
    NotAsked.GUARDED: "だれかが画面を見ているおそれがあります。トークでは聞かず、安全な方法で聞いてください。",
    NotAsked.IN_DANGER: "いま危険にかかわる話をしています。同意は聞きません。落ち着いてから（24時間後）聞けます。",
    NotAsked.REFUSED: "前に「今は決めない」と答えています。もう一度聞くときは、理由を書いてください。本人が読みます。",
    NotAsked.TOO_OFTEN: "もう3回聞きました。トークではこれ以上聞きません。相談員が話して確かめてください。",
    NotAsked.WITH_PEOPLE: "会議での共有は、相談員が本人と一緒に確かめます。口頭・紙の同意を書きとめてください。",
    NotAsked.ERASING: "本人が、すべて消すことを希望しています。同意は聞きません。",
    NotAsked.AGREED: "もう同意をもらっています。",
}

BAD_ADDRESS = "メールアドレスを確かめてください。名前や空白を入れず、半角で書いてください。"

_WEEKDAYS = "月火水木金土日"


def weekday(number: int) -> str:
    """A day of the week (0 is Monday)."""
    return _WEEKDAYS[number]


#: What the audit's entries are called. What is not listed is shown by its own name.
ACTS: dict[str, str] = {
    "signed_in": "サインイン",
    "sign_in_failed": "サインイン失敗",
    "code_failed": "確認コード違い",
    "recovery_used": "予備コードを使用",
    "signed_out": "サインアウト",
    "sessions_ended": "ほかの画面をサインアウト",
    "password_changed": "パスワード変更",
    "password_reset": "パスワードを再発行",
    "factor_set_up": "確認コードの設定",
    "key_added": "セキュリティキーを追加",
    "key_removed": "セキュリティキーを削除",
    "key_failed": "セキュリティキー違い",
    "factor_reset": "確認コードを解除",
    "codes_renewed": "予備コードを作り直し",
    "staff_seen": "職員の一覧を表示",
    "staff_added": "職員を登録",
    "staff_renamed": "職員の名前を変更",
    "staff_disabled": "職員を停止",
    "staff_enabled": "職員の停止を解除",
    "granted": "役割を追加",
    "ungranted": "役割を削除",
    "audit_seen": "操作の記録を表示",
    "refused": "権限のない操作",
    "queue_seen": "相談の一覧を表示",
    "silent_seen": "静かになった方を表示",
    "case_seen": "相談を表示",
    "case_made": "相談を登録",
    "case_claimed": "相談を引き受け",
    "case_returned": "相談を一覧に戻す",
    "case_assigned": "相談を割り当て",
    "case_handed_on": "相談を引き継ぎ",
    "stand_in_set": "休みの代行を追加",
    "stand_in_ended": "休みの代行を終了",
    "household_joined": "世帯に追加",
    "household_parted": "世帯から外す",
    "household_seen": "世帯を表示",
    "lookers_seen": "見た人の一覧を表示",
    "timeline_seen": "これまでのことを表示",
    "certificate_set": "証明書の登録",
    "certificate_failed": "証明書違い",
    "case_area": "圏域を決定",
    "case_snoozed": "相談をあとでに",
    "case_seen_to": "返事はいらないと判断",
    "case_closed": "相談を終了",
    "case_reopened": "相談をもう一度開く",
    "case_excluded": "相談の担当から除外",
    "case_conflict": "利害関係の申し出",
    "risk_lowered": "危険度を下げる",
    "risk_raised": "危険度を上げる",
    "tag_corrected": "困りごとを修正",
    "corrections_exported": "困りごとの修正を書き出し",
    "note_added": "記録を追加",
    "task_added": "予定を追加",
    "task_done": "予定を完了",
    "talk_entered": "書きはじめを本人に伝達",
    "talk_left": "自動の返事に戻す",
    "told_read": "読んだことを本人に伝達",
    "message_sent": "返事を送信",
    "message_drafted": "返事を下書き",
    "message_released": "下書きを確かめて送信",
    "message_dropped": "下書きを取りやめ",
    "message_again": "返事を送り直し",
    "glass_broken": "同意なしで開く",
    "glass_report_seen": "同意なしの閲覧を表示",
    "glass_reviewed": "同意なしの閲覧を確認",
    "sheet_became": "記録からつなぐシートを作る",
    "sheet_anew": "終わったシートから新しい下書きを作る",
    "sheet_offered": "本人にシートを見てもらう",
    "sheet_tells": "つなぎ先の回答を本人に伝える",
    "recipient_mailed": "つなぎ先にメールで知らせる",
    "recipient_without_mail": "つなぎ先の宛先がない",
    "consent_asked": "同意をトークで聞く",
    "staff_told": "職員にメールで知らせる",
    "staff_reminded": "職員にきょうの予定を知らせる",
    "contact_set": "メールの宛先を変更",
    "on_call_set": "当番を追加",
    "on_call_removed": "当番を削除",
    "list_added": "窓口の宛先を追加",
    "list_removed": "窓口の宛先を削除",
    "test_mail": "ためしのメール",
    "token_made": "外部連携のトークンを作る",
    "token_ended": "外部連携のトークンを取り消す",
    "api_cases_listed": "外部連携で相談の一覧を読む",
    "api_case_read": "外部連携で相談を読む",
    "api_sheets_listed": "外部連携でシートの一覧を読む",
    "api_changes_read": "外部連携で変わったものを読む",
    "set_aside_seen": "処理できなかった届きものを表示",
    "set_aside_again": "届きものをもう一度処理",
    "set_aside_closed": "届きものを閉じる",
    "upkeep_seen": "窓口の手入れを表示",
    "check_ins_seen": "お便りの予定を表示",
    "plan_seen": "お便り(相談ごと)を表示",
    "plan_set": "お便りを決める",
    "plan_ended": "お便りを終わりにする",
    "line_added": "お便りにひとことを添える",
    "line_taken": "お便りのひとことを取る",
    "contact_paused": "お便りを一斉に休む",
    "contact_resumed": "一斉の休みを取り消す",
}

OBJECTS: dict[str, str] = {
    "session": "サインイン",
    "staff": "職員",
    "case": "相談",
    "page": "画面",
    "audit": "操作の記録",
    "queue": "相談の一覧",
    "glass": "同意なしの閲覧",
    "corrections": "困りごとの修正",
    "pause": "一斉の休み",
    "token": "外部連携のトークン",
    "inbox": "届きもの",
}
