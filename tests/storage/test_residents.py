"""Residents: an alias and nothing of a name, a key of their own, and no decision on an old state."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from cast import NOW, keyring_of, resident_of
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from config import aliases
from storage import residents
from storage.database import Database
from storage.ids import new_id
from storage.residents import ResidentRow, Sender
from storage.tables import Channel, Identity, Key, Resident
from storage.vault import Place, UnsealError

pytestmark = pytest.mark.anyio

ADDRESS = "U" + "e" * 32
PLACE = Place(table="t", column="c", row=new_id())
#: Given names and family names that are also words for animals, plants and the sky.
NAMES = frozenset(
    {
        "あおい",
        "あさの",
        "あやめ",
        "うめ",
        "かえで",
        "かりん",
        "くるみ",
        "こはるの",
        "さくら",
        "すみれ",
        "たまき",
        "つばさ",
        "なつめ",
        "なみ",
        "ひかり",
        "ひかる",
        "ふじ",
        "ほたる",
        "まつ",
        "みどり",
        "もみじ",
        "もも",
        "やなぎ",
        "ゆず",
        "らん",
    }
)


def sender(name: bytes = b"s", desk: str = "default") -> Sender:
    return Sender(desk_id=desk, channel=Channel.LINE, index=name * 32)


async def decide(database: Database, resident: ResidentRow, **given: Any) -> bool:
    values = {"state": {"n": 1}, "known": {}, "messages": 1, "heard_at": NOW, "blocked_at": None, **given}
    async with database.write() as connection:
        return await residents.decided(connection, resident, **values)


async def found(database: Database, **given: Any) -> ResidentRow | None:
    keyring = await keyring_of(database)
    async with database.write() as connection:
        return await residents.find(connection, keyring, sender(**given), lock=True)


async def test_somebody_who_never_wrote_is_not_known(database: Database) -> None:
    assert await found(database) is None


async def test_who_wrote_before_is_found_by_desk_and_channel_and_index(database: Database) -> None:
    made = await resident_of(database, await keyring_of(database))
    known = await found(database)
    assert known is not None
    assert (known.id, known.alias, known.version, known.messages) == (made.id, made.alias, 0, 0)
    assert (known.state, known.known, known.blocked) == (None, None, False)
    assert await found(database, desk="other") is None
    assert await found(database, name=b"o") is None


async def test_an_alias_is_two_words_of_the_list_and_has_nothing_of_the_address(database: Database) -> None:
    keyring = await keyring_of(database)
    first, second = aliases._words()
    made = [await resident_of(database, keyring, name=bytes([n]), address=ADDRESS) for n in range(20)]
    for resident in made:
        one, two = resident.alias.split(" ")
        assert one in first
        assert two in second
    assert len({resident.alias for resident in made}) == 20


async def test_an_alias_stands_for_one_person_of_a_desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two words are soon used up when there are only two pairs of them."""
    monkeypatch.setattr(aliases, "_words", lambda: (("そらの",), ("りす", "あひる")))
    keyring = await keyring_of(database)
    made = [(await resident_of(database, keyring, name=bytes([n]))).alias for n in range(12)]
    assert len(set(made)) == 12
    assert {"そらの りす", "そらの あひる"} <= set(made)
    assert all(alias.startswith("そらの ") for alias in made)


async def test_another_desk_may_use_the_same_alias(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aliases, "_words", lambda: (("そらの",), ("りす",)))
    keyring = await keyring_of(database)
    for desk in ("default", "other"):
        assert (await resident_of(database, keyring, desk=desk)).alias == "そらの りす"


async def test_the_database_itself_refuses_a_doubled_alias_or_address(database: Database) -> None:
    keyring = await keyring_of(database)
    one, two = [await resident_of(database, keyring, name=name) for name in (b"a", b"b")]
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await connection.execute(update(Resident).where(Resident.id == two.id).values(alias=one.alias))
    with pytest.raises(IntegrityError):
        await resident_of(database, keyring, name=b"a")


def test_no_word_of_an_alias_is_a_persons_name() -> None:
    first, second = aliases._words()
    assert NAMES.isdisjoint((*first, *second))
    assert len(set(first)) == len(first)
    assert len(set(second)) == len(second)


def test_aliases_never_end_and_are_the_same_for_the_same_seed() -> None:
    many = list(itertools.islice(aliases.candidates(7), 200))
    assert many == list(itertools.islice(aliases.candidates(7), 200))
    assert all(len(alias) <= 64 for alias in many)
    assert len(set(many)) > 190


async def test_a_decision_is_stored_and_counts(database: Database) -> None:
    made = await resident_of(database, await keyring_of(database))
    assert await decide(database, made, state={"words": "\ud83d\x00"}, known={"k": [1]}, messages=3)
    known = await found(database)
    assert known is not None
    assert (known.version, known.messages) == (1, 3)
    assert (known.state, known.known) == ({"words": "\ud83d\x00"}, {"k": [1]})


async def test_a_decision_on_an_old_state_changes_nothing(database: Database) -> None:
    made = await resident_of(database, await keyring_of(database))
    assert await decide(database, made)
    assert not await decide(database, made, state={"n": 2}, messages=9)
    known = await found(database)
    assert known is not None
    assert (known.version, known.messages, known.state) == (1, 1, {"n": 1})


async def test_when_somebody_was_heard_last_stays_through_a_turn_without_words(database: Database) -> None:
    made = await resident_of(database, await keyring_of(database))
    await decide(database, made)
    known = await found(database)
    assert known is not None
    await decide(database, known, heard_at=None, blocked_at=NOW + timedelta(hours=1))
    async with database.read() as connection:
        row = (await connection.execute(select(Resident.heard_at, Resident.blocked_at))).one()
    assert tuple(row) == (NOW, NOW + timedelta(hours=1))
    blocked = await found(database)
    assert blocked is not None
    assert blocked.blocked


async def test_everybody_has_a_key_of_their_own(database: Database) -> None:
    keyring = await keyring_of(database)
    ann, ben = [await resident_of(database, keyring, name=name) for name in (b"a", b"b")]
    with pytest.raises(UnsealError):
        ben.key.open(PLACE, ann.key.seal(PLACE, b"words"))


async def test_where_a_key_is_destroyed_nothing_of_that_person_opens_and_others_are_untouched(
    database: Database,
) -> None:
    keyring = await keyring_of(database)
    ann = await resident_of(database, keyring, name=b"a")
    await resident_of(database, keyring, name=b"b")
    await decide(database, ann)
    async with database.write() as connection:
        key_of_ann = select(Resident.key_id).where(Resident.id == ann.id).scalar_subquery()
        await connection.execute(update(Key).where(Key.id == key_of_ann).values(wrapped=None, destroyed_at=NOW))
    with pytest.raises(UnsealError):
        await found(database, name=b"a")
    assert await found(database, name=b"b") is not None


async def test_an_address_is_sealed_and_comes_back_for_sending(database: Database) -> None:
    keyring = await keyring_of(database)
    made = await resident_of(database, keyring, address=ADDRESS)
    async with database.read() as connection:
        reach = await residents.reach(connection, keyring, made.id, Channel.LINE)
        query = select(Identity.__table__, Resident.__table__).join_from(Identity.__table__, Resident.__table__)
        cells = (await connection.execute(query)).one()
    assert (reach.desk_id, reach.address, reach.blocked) == ("default", ADDRESS, False)
    shown = b"".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
    assert ADDRESS.encode() not in shown
