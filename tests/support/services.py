"""Private servers: a PostgreSQL and a RabbitMQ of our own, on free loopback ports, gone when we are.

    with private_postgres() as postgres, private_rabbitmq() as rabbitmq:
        use(postgres.create_database(), rabbitmq.url)

They run without a password and without `fsync`: for tests, benchmarks and a developer's own machine only. Each dies
with the process that started it, however that ends.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import asyncpg

from tests.support.ports import free_port

READY_WITHIN_SECONDS = 60
FOLDER_PREFIX = "gdial-server-"

_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="servers")
"""What `setpriv --pdeathsig` watches is the thread that started a server, not its process: this one lasts."""


class ServerMissing(Exception):
    """The server's program is not on this machine; the text says the command to type."""


class ServerFailed(Exception):
    """A private server did not start; the text ends with the last lines of its log."""


class PrivateServer:
    """One server process with a folder of its own. `start` after `kill` brings it back with what it had kept."""

    def __init__(
        self, folder: Path, command: Sequence[str], is_ready: Callable[[], bool], environment: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.log = folder / "server.log"
        self._command = command
        self._is_ready = is_ready
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the server that runs."""
        if self._process is None:
            raise ServerFailed("the server does not run")
        return self._process.pid

    def start(self) -> None:
        """Start it and return when it answers."""
        self._process = _starter.submit(self._launch).result()
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"{self._command} did not start:\n{_last_lines(self.log)}")
            time.sleep(0.03)

    def _launch(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self._environment},
                start_new_session=True,
            )

    def freeze(self) -> None:
        """Let it take connections and say nothing, as a machine does whose disk hangs; `thaw` lets it go on."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in (self.pid, *_descendants(self.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """End it and its children at once, as a power cut would; a killed one stays killed."""
        if self._process is None:
            return
        # The children too: a busy one of PostgreSQL would keep its memory, and a restart would be refused.
        for pid in (self._process.pid, *_descendants(self._process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


class PrivatePostgres:
    """A PostgreSQL server; the role in its URLs may do everything."""

    def __init__(self, server: PrivateServer, port: int) -> None:
        self.server = server
        self.url = f"postgresql://gdial@127.0.0.1:{port}/postgres"

    def create_database(self, template: str = "template0") -> str:
        """A new database, empty or a copy of the database named `template`; returns its URL."""
        name = f"gdial_{uuid4().hex}"
        # Of a small template copying its files is quicker than writing them to the log.
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url.removesuffix("postgres") + name

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        _run_sql(self.url, statement)


class PrivateRabbitmq:
    """A RabbitMQ broker with its default user."""

    def __init__(self, server: PrivateServer, port: int) -> None:
        self.server = server
        self.url = f"amqp://guest:guest@127.0.0.1:{port}/"


@contextmanager
def private_postgres() -> Iterator[PrivatePostgres]:
    """A running PostgreSQL; raises `ServerMissing` or `ServerFailed`."""
    binaries = _postgres_binaries()
    port = free_port()
    with _folder(owner="postgres" if os.geteuid() == 0 else None) as folder:
        data = folder / "data"
        _run_as_postgres([str(binaries / "initdb"), "--no-sync", "--auth=trust", "--username=gdial", "--encoding=UTF8",
                          "--locale=C.UTF-8", "--pgdata", str(data)], folder)  # fmt: skip
        options = ["listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", "fsync=off",
                   "full_page_writes=off", "max_connections=200"]  # fmt: skip
        command = [*_as_postgres(), str(binaries / "postgres"), "-D", str(data)]
        command += [part for option in options for part in ("-c", option)]
        postgres = PrivatePostgres(PrivateServer(folder, command, lambda: _accepts_sql(port), {}), port)
        with _running(postgres.server):
            yield postgres


def _postgres_binaries() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("postgres")
    if found is None:
        raise ServerMissing("PostgreSQL is not installed. Type: sudo apt-get install postgresql")
    return Path(found).resolve().parent


def _as_postgres() -> list[str]:
    """Run as the user postgres where we are root (PostgreSQL refuses root), and end with us."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return [setpriv, *user, "--pdeathsig=QUIT"]


def _run_as_postgres(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run([*_as_postgres(), *command], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerFailed(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=10)  # type: ignore[no-untyped-call]
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _accepts_sql(port: int) -> bool:
    try:
        _run_sql(f"postgresql://gdial@127.0.0.1:{port}/postgres", "SELECT 1")
    except (OSError, asyncpg.CannotConnectNowError, TimeoutError):
        return False
    return True


def _run_sql(url: str, statement: str) -> None:
    """In a thread of its own: fixtures may run where an event loop does already, and loops do not nest."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(_execute(url, statement))).result()


@contextmanager
def private_rabbitmq() -> Iterator[PrivateRabbitmq]:
    """A running RabbitMQ, 3 to 6 seconds after the call; raises `ServerMissing` or `ServerFailed`."""
    program, epmd = _rabbitmq_program(), shutil.which("epmd")
    if program is None or epmd is None:
        raise ServerMissing("RabbitMQ is not installed. Type: sudo apt-get install rabbitmq-server")
    port, epmd_port = free_port(), free_port()
    with _folder(owner=None) as folder:
        environment = _rabbitmq_environment(folder, port, epmd_port)
        # The port mapper that the broker would start by itself outlives it.
        mapper = PrivateServer(
            folder,
            [*_ending_with_us(), epmd, "-port", str(epmd_port), "-address", "127.0.0.1"],
            lambda: _answers(epmd_port, b""),
            environment,
        )
        broker = PrivateServer(
            folder, [*_ending_with_us(), program], lambda: _answers(port, b"AMQP\x00\x00\x09\x01"), environment
        )
        with _running(mapper), _running(broker):
            yield PrivateRabbitmq(broker, port)


def _rabbitmq_program() -> str | None:
    # Not the wrapper on the PATH: as root it changes the user and the pid.
    packaged = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    return str(packaged) if packaged.exists() else shutil.which("rabbitmq-server")


def _ending_with_us() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig=KILL"] if setpriv else []


def _rabbitmq_environment(folder: Path, port: int, epmd_port: int) -> dict[str, str]:
    (folder / "plugins").write_text("[].\n")
    (folder / "rabbitmq.conf").write_text("loopback_users.guest = true\n")
    (folder / "environment").touch()
    return {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"gdial{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_SCHEMA_DIR": str(folder / "schema"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "config"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "environment"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_ALLOW_INPUT": "1",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-noinput -kernel inet_dist_use_interface {127,0,0,1}",
    }


def _answers(port: int, greeting: bytes) -> bool:
    """Whether the port is open and, where we greet, says something back."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(greeting)
            return not greeting or bool(connection.recv(1))
    except OSError:
        return False


@contextmanager
def _running(server: PrivateServer) -> Iterator[None]:
    try:
        server.start()
        yield
    finally:
        server.kill()


@contextmanager
def _folder(owner: str | None) -> Iterator[Path]:
    """A folder of our own in the system's place for such; a killed test run leaves its own to the next one."""
    _remove_left_behind()
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
    try:
        if owner is not None:
            shutil.chown(folder, owner, pwd.getpwnam(owner).pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left_behind() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        owner = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _descendants(pid: int) -> list[int]:
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
    return [found for child in children for found in (child, *_descendants(child))]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:])
