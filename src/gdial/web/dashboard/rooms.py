"""The rooms of the board: its routers. Fixed addresses stand before those with an id in their place."""

from __future__ import annotations

from fastapi import APIRouter

from gdial.web.dashboard import (
    account,
    assets,
    choose_language,
    drill,
    first_administrator,
    list_runs,
    live,
    log,
    log_in,
    manual,
    new_run,
    person,
    steer_run,
    system,
    tokens,
    users,
)

ROUTERS: tuple[APIRouter, ...] = (
    assets.router,
    log_in.router,
    first_administrator.router,
    account.router,
    users.router,
    tokens.router,
    log.router,
    choose_language.router,
    system.router,
    new_run.router,
    drill.router,
    list_runs.router,
    manual.router,
    live.router,
    steer_run.router,
    person.router,
)
