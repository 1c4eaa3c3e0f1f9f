"""A town whose desk hands sheets over, on both databases."""

from __future__ import annotations

import pytest
from api_cast import Town

from storage.database import Database


@pytest.fixture
async def town(database: Database) -> Town:
    return await Town.opened(database)
