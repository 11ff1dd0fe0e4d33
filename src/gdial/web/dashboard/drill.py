"""`/drill`: one button, and a drill goes on. No phone rings, so nothing is asked first."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from gdial.actions.deeds import Deed
from gdial.actions.prepare_run import RunWish
from gdial.actions.start_run import IdempotencyKey, start_run
from gdial.actions.system_settings import read_values
from gdial.dialing.brakes import Starter
from gdial.dialing.presets import PRESETS, PresetName
from gdial.dialing.states import RunMode
from gdial.messages.model import MessageContent, responses_to_json
from gdial.messages.trial_alarms import trial_alarm
from gdial.runtime import Runtime
from gdial.storage import groups, messages
from gdial.web.access.current import Operator
from gdial.web.access.rules import deeds
from gdial.web.context import Rt
from gdial.web.dashboard.new_run_form import RunForm, read_form
from gdial.web.dashboard.page import Page, PageMaker, page_router

router = page_router("/drill")

MOST_LISTED = 500
INVENTED_PEOPLE = 50
FIRST_INVENTED = 605
"""070-1740605 to 070-1740699 belong to nobody: the Swedish numbering plan keeps them for fiction (PTS)."""


@router.get("")
async def show(rt: Rt, page: Page, actor: Operator) -> Response:
    async with rt.database.reading() as tx:
        listed, _ = await groups.page(tx, MOST_LISTED, 0)
        saved, _ = await messages.page(tx, MOST_LISTED, 0)
    return page.show(
        "drill.html",
        groups=listed,
        largest=max(listed, key=lambda group: group.size, default=None),
        messages=saved,
        form=RunForm().with_key(),
        is_possible=RunMode.DRILL in rt.networks,
        invented=INVENTED_PEOPLE,
    )


@router.post("")
@deeds(Deed.RUN_STARTED)
async def start(request: Request, rt: Rt, page: Page, actor: Operator) -> Response:
    form = read_form(await request.form())
    key = IdempotencyKey(form.form_key, form.fingerprint()) if form.form_key else None
    started = await start_run(rt, await _wish(rt, page, form), key)
    return page.go_to(f"/runs/{started.run.id}")


async def _wish(rt: Runtime, page: PageMaker, form: RunForm) -> RunWish:
    """A group, or people who do not exist; a saved message, or words of our own."""
    preset = PRESETS[PresetName.DRILL]
    now: datetime = rt.clock().astimezone(ZoneInfo(rt.settings.display_timezone))
    language = (await read_values(rt)).text("default_language")
    saved = UUID(form.message_id) if form.message_id else None
    return RunWish(
        name=f"{page.gettext('Drill')}, {now:%Y-%m-%d %H:%M}",
        group_ids=[UUID(each) for each in form.group_ids],
        pasted_list="" if form.group_ids else _invented(page),
        **({"message_id": saved} if saved else _words(trial_alarm(language))),
        policy=dict(preset.policy),
        priority=preset.priority,
        mode=preset.mode,
        started_by=Starter.OPERATOR,
        may_announce=True,
    )


def _words(content: MessageContent) -> dict[str, Any]:
    responses = responses_to_json(content.responses)
    return {"text": content.text, "language": content.language, "responses": responses}


def _invented(page: PageMaker) -> str:
    person = page.gettext("Test person")
    return "\n".join(f"{person} {n + 1}, +4670174{FIRST_INVENTED + n:04}" for n in range(INVENTED_PEOPLE))
