"""`/runs/new`: whom, what and how; then what it will take, and the button."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from gdial.actions.deeds import Deed
from gdial.actions.forecast_run import forecast_run
from gdial.actions.preview_message import Preview, preview_message
from gdial.actions.run_content import saved_words
from gdial.actions.start_run import IdempotencyKey, start_run
from gdial.actions.system_settings import read_values
from gdial.dialing.pacing import URGENT_PRIORITY
from gdial.dialing.presets import PRESETS, PresetName
from gdial.dialing.states import RunMode
from gdial.errors import Conflict, GDialError, InvalidInput, NotFound
from gdial.messages.model import ANSWER_KEYS, MessageContent, read_responses
from gdial.runtime import Runtime
from gdial.storage import contacts, groups, messages, runs
from gdial.storage.contacts import Contact
from gdial.storage.database import Transaction
from gdial.web.access.current import Operator
from gdial.web.access.rules import deeds
from gdial.web.context import Rt
from gdial.web.dashboard.new_run_form import NUMBERS, RunForm, form_of, read_form
from gdial.web.dashboard.page import Page, PageMaker, page_router
from gdial.web.dashboard.preset_words import PRESET_WORDS
from gdial.web.dashboard.refusal_words import reason, told_apart

router = page_router("/runs/new")

MOST_LISTED = 500
MOST_FOUND = 20
MOST_LINES = 20


@router.get("")
async def show_form(
    rt: Rt, page: Page, actor: Operator, again: UUID | None = None, preset: PresetName = PresetName.NORMAL
) -> Response:
    """`again` is a run: its words, to those whom it did not reach."""
    if again is None:
        only_drills = RunMode.REAL not in rt.networks
        return await _form(rt, page, RunForm(preset=PresetName.DRILL if only_drills else preset))
    async with rt.database.reading() as tx:
        run = await runs.get(tx, again)
    urgent = run.priority >= URGENT_PRIORITY
    return await _form(rt, page, form_of(run, PresetName.ALARM if urgent else PresetName.NORMAL))


@router.post("")
@deeds(None)
async def check(request: Request, rt: Rt, page: Page, actor: Operator) -> Response:
    """Without a run: look for people, listen, change, or tell what it will take."""
    given = await request.form()
    form, wanted = read_form(given), given.get("do")
    try:
        match wanted:
            case "find" | "change":
                return await _form(rt, page, form)
            case "preview":
                return await _form(rt, page, form, preview=await _preview(rt, form))
            case _:
                return await _confirm(rt, page, form)
    except (InvalidInput, NotFound, Conflict) as error:
        return await _form(rt, page, form, wrong=error)


@router.post("/preview")
@deeds(None)
async def listen(request: Request, rt: Rt, page: Page, actor: Operator) -> Response:
    """The same preview alone, for htmx."""
    form = read_form(await request.form())
    try:
        return page.show("new_run_preview.html", preview=await _preview(rt, form), wrong=None)
    except (InvalidInput, NotFound) as error:
        return page.show("new_run_preview.html", preview=None, wrong=_told(page, error))


@router.post("/start")
@deeds(Deed.RUN_STARTED)
async def start(request: Request, rt: Rt, page: Page, actor: Operator) -> Response:
    """A confirmation that is sent twice is one run."""
    given = await request.form()
    form = read_form(given)
    if given.get("do") == "drill":
        form = replace(form, preset=PresetName.DRILL.value, form_key=f"{form.form_key}-drill")
    try:
        wish = form.wish(_name(rt, page, form))
        key = IdempotencyKey(form.form_key, form.fingerprint()) if form.form_key else None
        started = await start_run(rt, wish, key)
    except (InvalidInput, NotFound, Conflict) as error:
        return await _form(rt, page, form, wrong=error)
    return page.go_to(f"/runs/{started.run.id}")


async def _form(
    rt: Runtime, page: PageMaker, form: RunForm, *, preview: Preview | None = None, wrong: GDialError | None = None
) -> Response:
    async with rt.database.reading() as tx:
        listed, _ = await groups.page(tx, MOST_LISTED, 0)
        saved, _ = await messages.page(tx, MOST_LISTED, 0)
        people = await _people(tx, form)
        again = await runs.get(tx, UUID(form.not_reached_in)) if form.not_reached_in else None
    return page.show(
        "new_run.html",
        422 if wrong else 200,
        form=form,
        groups=listed,
        messages=saved,
        people=people,
        again=again,
        preview=preview,
        wrong=_told(page, wrong) if wrong else None,
        presets=PRESET_WORDS,
        missing=[mode for mode in RunMode if mode not in rt.networks],
        preset_modes={name: preset.mode for name, preset in PRESETS.items()},
        answer_keys=ANSWER_KEYS,
        numbers=NUMBERS,
    )


async def _people(tx: Transaction, form: RunForm) -> Sequence[Contact]:
    """Those who are chosen, and those who are looked for."""
    chosen = await contacts.load(tx, [UUID(each) for each in form.contact_ids])
    if not form.contact_search.strip():
        return chosen
    found, _ = await contacts.page(tx, MOST_FOUND, 0, search=form.contact_search)
    there = {person.id for person in chosen}
    return [*chosen, *(person for person in found if person.id not in there)]


async def _confirm(rt: Runtime, page: PageMaker, form: RunForm) -> Response:
    wish = form.wish(_name(rt, page, form))
    rt.network(wish.mode)
    told = await forecast_run(rt, wish)
    content, is_saved = await _content(rt, form)
    form = form.with_key()
    return page.show(
        "confirm_run.html",
        form=form,
        wish=wish,
        told=told,
        found=told.forecast,
        content=content,
        is_saved=is_saved,
        preset=PRESET_WORDS[form.chosen_preset.name],
        may_drill=wish.mode is RunMode.REAL and RunMode.DRILL in rt.networks,
        faults=[reason(page.language, error.reason) for error in told.list_errors[:MOST_LINES]],
        must_mend=bool(told.list_errors) and not wish.leaves_out_bad_lines,
    )


async def _content(rt: Runtime, form: RunForm) -> tuple[MessageContent, str]:
    """What is said, and the name of the saved message."""
    words = form.words()
    if "message_id" in words:
        async with rt.database.reading() as tx:
            message = await messages.get(tx, words["message_id"])
        return message.content, message.name
    language = words["language"] or (await read_values(rt)).text("default_language")
    return MessageContent(words["text"], language, read_responses(words["responses"])), ""


async def _preview(rt: Runtime, form: RunForm) -> Preview:
    """As the first person that is chosen hears it."""
    words = form.words()
    async with rt.database.reading() as tx:
        translations = (await saved_words(tx, words["message_id"]))[1] if "message_id" in words else {}
        listener = await _listener(tx, form)
    content, _ = await _content(rt, form)
    return await preview_message(rt, content, translations, listener)


async def _listener(tx: Transaction, form: RunForm) -> UUID | None:
    if form.contact_ids:
        return UUID(form.contact_ids[0])
    if form.group_ids:
        found, _ = await contacts.page(tx, 1, 0, group_id=UUID(form.group_ids[0]))
        return found[0].id if found else None
    return None


def _name(rt: Runtime, page: PageMaker, form: RunForm) -> str:
    """The beginning of what is said, and when."""
    now: datetime = rt.clock().astimezone(ZoneInfo(rt.settings.display_timezone))
    words = " ".join(form.text.split())[:60] if form.what == "text" else page.gettext("Call-out")
    return f"{words}, {now:%Y-%m-%d %H:%M}"


def _told(page: PageMaker, error: GDialError) -> dict[str, str]:
    said, example = told_apart(page.language, error)
    return {"reason": said, "example": example}
