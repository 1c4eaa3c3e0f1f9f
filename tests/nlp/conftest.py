"""One listener for all tests of this folder: it is immutable."""

from __future__ import annotations

import pytest

from nlp import Listener


@pytest.fixture(scope="session")
def listener() -> Listener:
    return Listener.load()
