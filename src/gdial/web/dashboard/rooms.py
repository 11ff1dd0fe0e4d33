"""The rooms of the board: its routers. Fixed addresses stand before those with an id in their place."""

from __future__ import annotations

from fastapi import APIRouter

from gdial.web.dashboard import assets, choose_language, list_runs

ROUTERS: tuple[APIRouter, ...] = (
    assets.router,
    choose_language.router,
    list_runs.router,
)
