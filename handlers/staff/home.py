"""The way to the first page of whoever comes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from handlers.staff.access import SIGNED_IN
from handlers.staff.pages import home_of

router = APIRouter()


@router.get("/")
async def home(viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """To the first page this person may see."""
    return RedirectResponse(home_of(viewer), status_code=303)
