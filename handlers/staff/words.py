"""How the console calls things, in Japanese."""

from __future__ import annotations

from collections.abc import Mapping

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
    "case_area": "圏域を決定",
    "case_snoozed": "相談をあとでに",
    "case_seen_to": "返事はいらないと判断",
    "case_closed": "相談を終了",
    "case_reopened": "相談をもう一度開く",
    "case_excluded": "相談の担当から除外",
    "case_conflict": "利害関係の申し出",
    "risk_lowered": "危険度を下げる",
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
    "staff_told": "職員にメールで知らせる",
    "contact_set": "メールの宛先を変更",
    "on_call_set": "当番を追加",
    "on_call_removed": "当番を削除",
    "list_added": "窓口の宛先を追加",
    "list_removed": "窓口の宛先を削除",
    "test_mail": "ためしのメール",
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
}

#: The names in an entry's detail, and their values where they are ours. What is not listed is shown as it is.
DETAILS: dict[str, str] = {"role": "役割", "action": "操作"}
DETAIL_VALUES: dict[str, str] = {role.value: name for role, name in ROLES.items()}
