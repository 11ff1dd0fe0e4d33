"""Workers as processes of their own, over a real broker and a real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from html import unescape
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.engine import make_url

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import NoAnswer
from gdial.simulator.server import running_simulator
from tests.support.organisation import Organisation
from tests.support.ports import free_port
from tests.support.postgres_wire import postgres_wire
from tests.support.services import PrivatePostgres
from tests.support.serving import API_TOKEN, GdialProcess, ServingProcess, environment_of
from tests.support.web import Api

pytestmark = pytest.mark.timeout(120)
HEADERS = {"Authorization": f"Bearer {API_TOKEN}"}
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
PACE = {"calls_per_second": 20, "max_concurrent_calls": 50, "metrics_port": 0}


@pytest.fixture
def stores(postgres_server: PrivatePostgres, postgres_template: str, rabbitmq_url: str) -> Iterator[dict[str, str]]:
    url = postgres_server.create_database(postgres_template)
    yield {"database_url": url, "rabbitmq_url": rabbitmq_url}
    postgres_server.drop_database(url)


class System:
    """The processes of one test, and what an operator can do."""

    def __init__(self, web: ServingProcess, organisation: Organisation, launch: Callable[..., Any]) -> None:
        self.web = web
        self.organisation = organisation
        self.launch = launch

    async def workers(self) -> list[dict[str, Any]]:
        return list((await self.organisation.call_api("GET", "/api/workers"))["items"])

    async def alive(self, kind: str) -> list[dict[str, Any]]:
        return [worker for worker in await self.workers() if worker["kind"] == kind and worker["alive"]]


@asynccontextmanager
async def system(folder: Path, **settings: object) -> AsyncIterator[System]:
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(running_simulator(SimulatorOptions(speed=20, seed=3)))
        chosen = {**PACE, **settings}
        web = ServingProcess(folder, simulator, **chosen)
        session = await stack.enter_async_context(aiohttp.ClientSession(headers=HEADERS))

        async def launch(kind: str) -> GdialProcess:
            own = Path(mkdtemp(prefix=f"{kind}-", dir=folder))
            environment = environment_of(own, simulator, public_url=web.base_url, **chosen)
            process = GdialProcess(["worker", kind], own, environment, "worker.log")
            await process.launch()
            stack.push_async_callback(_kill, process)
            return process

        stack.push_async_callback(_kill, web)
        await web.start()
        yield System(web, Organisation(web.base_url, session, simulator), launch)


async def _kill(process: GdialProcess) -> None:
    if process.is_running:
        await process.kill()


async def until(true: Callable[[], Awaitable[object]], seconds: float = 90) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - it is another process that changes
            await asyncio.sleep(0.1)


def people(count: int) -> dict[str, list[str]]:
    return {f"Person {n}": [f"+4670{1_740_000 + n}"] for n in range(count)}


async def fetched(url: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_a_run_goes_over_processes_and_each_tells_of_itself(tmp_path: Path, stores: dict[str, str]) -> None:
    async with system(tmp_path, **stores) as running:
        processes = {kind: await running.launch(kind) for kind in ("call", "tts", "scheduler")}
        await until(lambda: running.alive("scheduler"))
        await until(lambda: running.alive("call"))
        group = await running.organisation.import_people(people(30), "Alla")
        run = await running.organisation.start_run(group, policy={"rounds": 1})
        # In mid-run: what it holds is finished, and another one goes on.
        await until(lambda: _placed(running, 5))
        assert await processes["call"].stop() == 0
        await running.launch("call")
        done = await running.organisation.wait_until(run["id"], "done")
        assert done["counts"]["recipients"] == 30
        rung = [call["to"] for call in running.organisation.simulator.ledger()["calls"]]
        assert len(rung) == len(set(rung)), "nobody was rung twice"

        found = await running.workers()
        assert {worker["kind"] for worker in found} >= {"web", "call", "tts", "scheduler"}
        assert all(worker["alive"] for worker in found), "who ended in order took leave"
        targets = await running.organisation.call_api("GET", "/api/workers/targets")
        assert {target["labels"]["worker_type"] for target in targets} == {"web", "call", "tts", "scheduler"}
        await _check_figures(targets)
        await _check_no_second_system(Path(mkdtemp(dir=tmp_path)), running, stores["database_url"])
        for kind in ("tts", "scheduler"):
            assert await processes[kind].stop() == 0
        await until(lambda: _none_of(running, "tts"))


async def test_without_its_broker_workers_wait_and_the_web_process_rings_by_itself(
    tmp_path: Path, stores: dict[str, str]
) -> None:
    port, nobody = free_port(), f"amqp://guest:guest@127.0.0.1:{free_port()}/"
    async with system(tmp_path, **{**stores, "rabbitmq_url": nobody, "metrics_port": port}) as running:
        first, second = await running.launch("call"), await running.launch("call")
        await until(lambda: _count_is(running, "call", 2))
        addresses = {worker["metrics_address"]: worker for worker in await running.alive("call")}
        assert f"127.0.0.1:{port}" in addresses
        assert len(addresses) == 2, "a port that is taken is left for the next one"
        await _check_waiting_door(next(iter(addresses)))
        await first.kill()
        killed_at = asyncio.get_running_loop().time()

        group = await running.organisation.import_people(people(10), "Alla")
        run = await running.organisation.start_run(group, policy={"rounds": 1})
        done = await running.organisation.wait_until(run["id"], "done")
        assert done["counts"]["recipients"] == 10
        ready = await running.organisation.call_api("GET", "/health/ready")
        told = {part["name"]: part["detail"] for part in ready["parts"]}
        assert "rings by itself" in told["queue"]
        await _work_the_board(running, f"/runs/{run['id']}")

        await until(lambda: _count_is(running, "call", 1))
        assert asyncio.get_running_loop().time() - killed_at < 16
        assert sum(worker["alive"] for worker in await running.workers() if worker["kind"] == "call") == 1
        assert await second.stop() == 0
        assert await running.web.stop() == 0


async def test_a_worker_waits_for_its_database_and_says_so(tmp_path: Path) -> None:
    port = free_port()
    async with running_simulator(SimulatorOptions()) as simulator:
        environment = environment_of(
            tmp_path,
            simulator,
            database_url=f"postgresql://gdial@127.0.0.1:{free_port()}/gdial",
            rabbitmq_url=f"amqp://guest:guest@127.0.0.1:{free_port()}/",
            public_url="http://127.0.0.1:3003",
            metrics_port=port,
        )
        worker = GdialProcess(["worker", "tts"], tmp_path, environment, "worker.log")
        await worker.launch()
        try:
            await until(lambda: _is_told(worker, "waiting for what is away"))
            status, text = await fetched(f"http://127.0.0.1:{port}/health/ready", **HEADERS)
            assert status == 503
            assert "database: the database does not answer" in json.loads(text)["detail"]
            assert (await fetched(f"http://127.0.0.1:{port}/health/live"))[0] == 200
            assert await worker.stop() == 0
        finally:
            await _kill(worker)


@pytest.mark.parametrize("broker", [{}, {"rabbitmq_url": "amqp://guest:guest@127.0.0.1:1/"}])
async def test_after_a_power_cut_serving_waits_for_its_database(
    tmp_path: Path, stores: dict[str, str], broker: dict[str, str]
) -> None:
    """Nobody must be needed who starts it again."""
    port, there = free_port(), stores["database_url"]
    away = make_url(there).set(port=port).render_as_string()
    async with running_simulator(SimulatorOptions()) as simulator:
        web = ServingProcess(tmp_path, simulator, database_url=away, **broker)
        try:
            await web.launch()
            await until(lambda: _is_told(web, "the database does not answer"))
            async with postgres_wire(there, port):
                await until(lambda: _is_told(web, "GDial serves"))
                assert (await fetched(f"{web.base_url}/health/live"))[0] == 200
                assert await web.stop() == 0
            assert not await _is_told(web, "Traceback")
        finally:
            await _kill(web)


async def _is_told(process: GdialProcess, words: str) -> bool:
    return words in process.log.read_text("utf-8")


async def _work_the_board(running: System, earlier: str) -> None:
    """As somebody at the pages: look, start a run, see it ring, stop it."""
    number = "+46701741900"
    running.organisation.simulator.phones.script(number, NoAnswer())
    board = Api(running.web.base_url, running.organisation.session)
    headers = {**HEADERS, "Accept-Language": "en"}
    for path in ("/runs", earlier, "/system", "/runs/new"):
        page = await board.get(path, headers=headers)
        assert page.status == 200
        assert "Broker: down" in page.text
        assert "This process rings by itself until the broker is back. Calls go on." in page.text
    wish = {"what": "text", "text": "Brand. Tryck 1.", "pasted_list": f"Cecilia {number}", "preset": "normal"}
    keys = {"key": "1", "label": "Kommer", "reply": "Tack."}
    forecast = await board.ask("POST", "/runs/new", data={**wish, **keys, "do": "check"}, headers=headers)
    hidden = [(name, unescape(value)) for name, value in HIDDEN.findall(forecast.text)]
    live = await board.ask("POST", "/runs/new/start", data=[*hidden, ("do", "start")], headers=headers)
    assert "<h1>Brand." in live.text
    (run, *_) = (await running.organisation.call_api("GET", "/api/runs"))["items"]
    await running.organisation.simulator.wait_for(lambda call: call.to == number)
    stopped = await board.ask("POST", f"/runs/{run['id']}/stop", data={"calls": "hang_up"}, headers=headers)
    assert stopped.status == 200
    await running.organisation.wait_until(run["id"], "stopped")


async def _check_waiting_door(address: str) -> None:
    assert (await fetched(f"http://{address}/health/live"))[0] == 200
    assert (await fetched(f"http://{address}/health/ready"))[0] == 401
    status, text = await fetched(f"http://{address}/health/ready", **HEADERS)
    assert status == 503
    assert "queue: away" in json.loads(text)["detail"]


async def _check_no_second_system(folder: Path, running: System, database_url: str) -> None:
    """Without the broker it would ring beside the workers, at a pace of its own."""
    alone = ServingProcess(folder, running.organisation.simulator, database_url=database_url)
    await alone.launch()
    assert await alone.wait() == 1
    assert "set RABBITMQ_URL as they have it" in alone.log.read_text("utf-8")


async def _count_is(running: System, kind: str, count: int) -> bool:
    return len(await running.alive(kind)) == count


async def _placed(running: System, count: int) -> bool:
    return len(running.organisation.simulator.ledger()["calls"]) >= count


async def _none_of(running: System, kind: str) -> bool:
    return not await running.alive(kind)


async def _check_figures(targets: list[dict[str, Any]]) -> None:
    for target in targets:
        status, text = await fetched(f"http://{target['targets'][0]}/metrics")
        assert status == 200
        families = {family.name: family for family in text_string_to_metric_families(text)}
        counts = {sample.labels["worker_type"]: sample.value for sample in families["gdial_worker_count"].samples}
        assert counts["scheduler"] == 1
        if target["labels"]["worker_type"] in ("scheduler", "web"):
            assert {sample.labels["queue_name"] for sample in families["gdial_queue_depth"].samples}
