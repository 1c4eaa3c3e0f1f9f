"""Why something of the machine does not work, in the words of whoever keeps it, with what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Mapping

_OS: Mapping[int, str] = {
    errno.ENOENT: "その場所がありません。作るか、書き方を確かめてください",
    errno.EACCES: "権限がありません。持ち主と権限を確かめてください",
    errno.EPERM: "権限がありません。持ち主と権限を確かめてください",
    errno.ENOSPC: "ディスクがいっぱいです。空けてから、もう一度動かしてください",
    errno.EDQUOT: "使える大きさを超えました。空けてから、もう一度動かしてください",
    errno.EFBIG: "使える大きさを超えました。空けてから、もう一度動かしてください",
    errno.EROFS: "読むだけの場所です。書ける場所にしてください",
    errno.ENOTDIR: "フォルダーではありません。フォルダーの場所にしてください",
    errno.EEXIST: "フォルダーではありません。フォルダーの場所にしてください",
    errno.EADDRINUSE: "ほかのプログラムが使っています。それを止めるか、別の番号にしてください",
    errno.EADDRNOTAVAIL: "このコンピューターのアドレスではありません",
}
_SERVER = "サーバーが動いているか、アドレス・名前・パスワードを確かめてください"
_FILE = "つなぐのデータベースではないか、こわれているか、権限がありません。消さずに、場所と持ち主を確かめてください"


def of_system(error: OSError) -> str:
    """What the system said, in Japanese where we know it."""
    return _OS.get(error.errno or 0, error.strerror or type(error).__name__)


def of_database(error: BaseException, url: str) -> str:
    """That a database cannot be opened; nothing of its address, which holds a password."""
    return f"データベースが開けません({type(error).__name__})。{advice_for_database(url)}"


def advice_for_database(url: str) -> str:
    """What to look at when a database cannot be opened."""
    return _FILE if url.startswith("sqlite") else _SERVER
