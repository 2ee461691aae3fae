"""Each of these tests has a database of its own, on whichever server it starts."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient


@pytest.fixture
async def database_name(mongo_client: AsyncMongoClient[dict[str, Any]]) -> AsyncIterator[str]:
    """A name that no other test uses; whatever is under it on the common server is dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    yield name
    await mongo_client.drop_database(name)
