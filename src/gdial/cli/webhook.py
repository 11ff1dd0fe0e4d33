"""`gdial webhook`: programs that are told when a run starts, somebody answers, and it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gdial.cli.asking import Item, LimitOption, YesOption, ask, check_anything_said, show_page
from gdial.cli.exit_codes import FAILED
from gdial.cli.names import find_endpoint
from gdial.cli.run.wish import drop_unset
from gdial.cli.screen import complain, confirm, facts, note, print_json, say
from gdial.cli.target import JsonOption, UrlOption

if TYPE_CHECKING:
    from gdial.cli.api import Api

app = typer.Typer(name="webhook", help="Programs that are told what happens.", no_args_is_help=True)

WebhookArgument = Annotated[
    str, typer.Argument(metavar="WEBHOOK", help="Address, id, or its first characters.", show_default=False)
]
EventsOption = Annotated[
    list[str] | None,
    typer.Option("--event", metavar="EVENT", help="run.started, run.answered, run.ended; repeat it. Unset: all."),
]
NewEventsOption = Annotated[
    list[str] | None, typer.Option("--event", metavar="EVENT", help="All events anew; repeat it.")
]


@app.command("list")
def list_endpoints(limit: LimitOption = 100, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """List webhook endpoints, oldest first."""
    page = ask(url, lambda api: api.get("/api/webhooks", limit=limit))
    show_page(page, ("Address", "Events", "Active", "Id"), _row, as_json=as_json)


@app.command("add")
def add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="https, and public.", show_default=False)],
    event: EventsOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Have a program told. Keep the secret that is shown: it proves that a request is GDial's."""
    body = drop_unset(url=address, events=event)
    created = ask(url, lambda api: api.post("/api/webhooks", body))
    if as_json:
        print_json(created)
        return
    _tell(created, as_json=False)
    note("The secret is not shown again. Try it with: gdial webhook test " + created["id"][:8])


@app.command("edit")
def edit(
    webhook: WebhookArgument,
    address: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Another address.")] = None,
    event: NewEventsOption = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="One that is not active is told nothing.")
    ] = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Change a webhook endpoint; the rest, and the secret, stays."""
    body = drop_unset(url=address, events=event, is_active=active)
    check_anything_said(body, "gdial webhook edit https://example.org/gdial --inactive")

    async def work(api: Api) -> Item:
        found = await find_endpoint(api, webhook)
        return dict(await api.patch(f"/api/webhooks/{found['id']}", body))

    _tell(ask(url, work), as_json=as_json)


@app.command("remove")
def remove(
    webhook: WebhookArgument, yes: YesOption = False, as_json: JsonOption = False, url: UrlOption = None
) -> None:
    """Tell this program nothing more. What was not delivered to it is dropped."""

    async def work(api: Api) -> Item:
        found = await find_endpoint(api, webhook)
        confirm(f"Remove the webhook {found['url']} ({found['id']})?", yes=yes)
        await api.delete(f"/api/webhooks/{found['id']}")
        return found

    removed = ask(url, work)
    print_json(removed) if as_json else say(f"Removed {removed['url']}")


@app.command("test")
def ping(webhook: WebhookArgument, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Send a ping now, and tell what came of it. Exit code 1 when it did not arrive."""

    async def work(api: Api) -> tuple[Item, Item]:
        found = await find_endpoint(api, webhook)
        return found, await api.post(f"/api/webhooks/{found['id']}/test")

    found, told = ask(url, work)
    if as_json:
        print_json(told)
    elif told["delivered"]:
        say(f"{found['url']} answered {told['status']}")
    else:
        complain(f"{found['url']} was not told: {told['error']}")
    if not told["delivered"]:
        raise typer.Exit(FAILED)


@app.command("deliveries")
def deliveries(
    webhook: WebhookArgument,
    status: Annotated[
        Literal["waiting", "delivered", "given_up"] | None,
        typer.Option(metavar="waiting|delivered|given_up", help="Only those."),
    ] = None,
    limit: LimitOption = 100,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List what was told or is still to be told, newest first."""

    async def work(api: Api) -> Item:
        found = await find_endpoint(api, webhook)
        return dict(await api.get(f"/api/webhooks/{found['id']}/deliveries", status=status, limit=limit))

    headings = ("When", "Event", "Run", "Status", "Tries", "Last error", "Id")
    show_page(ask(url, work), headings, _delivery_row, as_json=as_json)


@app.command("retry")
def retry(
    webhook: WebhookArgument,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its id.", show_default=False)],
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Try a delivery that failed at once, also one that was given up."""

    async def work(api: Api) -> Item:
        found = await find_endpoint(api, webhook)
        return dict(await api.post(f"/api/webhooks/{found['id']}/deliveries/{delivery}/retry"))

    told = ask(url, work)
    print_json(told) if as_json else say(f"{told['event']} of run {told['call_run_id']} is {told['status']}")


def _row(endpoint: Item) -> Sequence[object]:
    return endpoint["url"], ", ".join(endpoint["events"]), "yes" if endpoint["is_active"] else "no", endpoint["id"]


def _delivery_row(it: Item) -> Sequence[object]:
    return it["created_at"], it["event"], it["call_run_id"], it["status"], it["tries"], it["last_error"], it["id"]


def _tell(endpoint: Item, *, as_json: bool) -> None:
    if as_json:
        print_json(endpoint)
        return
    lines = [
        ("Address", endpoint["url"]),
        ("Events", ", ".join(endpoint["events"])),
        ("Active", "yes" if endpoint["is_active"] else "no"),
        ("Secret", endpoint["secret"]),
        ("Id", endpoint["id"]),
    ]
    say(facts(lines))
