"""A sealed file: a stream of any length under one key, where no piece can be changed, moved, left out or cut off.

`magic line | id (16 bytes) | pieces`, each piece `length (4 bytes, big endian) | sealed bytes`. A piece is sealed for
its place (`storage.vault.Place`): the kind of file, its number, whether it is the last, and the file's id.
"""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from storage.vault import Place, SealingKey, UnsealError

MAGIC = b"tsunagu sealed file 1\n"
PIECE = 1 << 20
_LENGTH = 4


def seal_file(key: SealingKey, kind: str, file_id: UUID, plain: BinaryIO, sealed: BinaryIO) -> None:
    """Seal everything that `plain` still holds."""
    sealed.write(MAGIC + file_id.bytes)
    piece, number = plain.read(PIECE), 0
    while True:
        following = plain.read(PIECE)
        written = key.seal(_place(kind, number, file_id, last=not following), piece)
        sealed.write(len(written).to_bytes(_LENGTH, "big") + written)
        if not following:
            return
        piece, number = following, number + 1


def open_file(key: SealingKey, kind: str, sealed: BinaryIO, plain: BinaryIO) -> UUID:
    """Write out what was sealed; returns the file's id. Raises UnsealError for another key, kind or a damaged file.

    What was written before the error is of no worth: the end decides whether the file is whole.
    """
    if sealed.read(len(MAGIC)) != MAGIC:
        raise UnsealError("not a sealed file")
    file_id, number = UUID(bytes=_exactly(sealed, 16)), 0
    while True:
        written = _exactly(sealed, int.from_bytes(_exactly(sealed, _LENGTH), "big"))
        last = _at_end(sealed)
        plain.write(key.open(_place(kind, number, file_id, last=last), written))
        if last:
            return file_id
        number += 1


def _at_end(file: BinaryIO) -> bool:
    here = file.tell()
    more = file.read(1)
    file.seek(here)
    return not more


def _exactly(file: BinaryIO, size: int) -> bytes:
    # A length that was tampered with must not ask for gigabytes.
    if size > PIECE + 1024:
        raise UnsealError("a damaged sealed file")
    found = file.read(size)
    if len(found) != size:
        raise UnsealError("a sealed file that was cut off")
    return found


def _place(kind: str, number: int, file_id: UUID, *, last: bool) -> Place:
    return Place(table=kind, column=f"{number}{'.' if last else ''}", row=file_id)
