"""One request to an endpoint, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gdial.endpoints.client import READ_BYTES, EndpointClient
from gdial.endpoints.signing import masked_secret, new_secret
from tests.support.carrier_stub import plain_server
from tests.support.ports import free_port
from tests.support.receiver import Receiver, receiver, refusing

SECRET = new_secret()


@pytest.fixture
async def heard() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


@pytest.fixture
async def client() -> AsyncIterator[EndpointClient]:
    async with EndpointClient(allow_private=True, timeout_seconds=2) as made:
        yield made


async def test_a_receiver_can_prove_that_it_is_gdial(heard: Receiver, client: EndpointClient) -> None:
    told = await client.tell(heard.url, SECRET, "d-1", 1_700_000_000, '{"name":"Åsa"}'.encode())
    assert (told.status, told.error, told.is_delivered) == (204, "", True)
    (request,) = heard.heard
    assert request.json == {"name": "Åsa"}
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "d-1"
    assert request.headers["webhook-timestamp"] == "1700000000"
    assert request.is_signed_with(SECRET)
    assert not request.is_signed_with(new_secret())


async def test_the_signature_is_that_of_the_specifications_example(client: EndpointClient, heard: Receiver) -> None:
    # https://github.com/standard-webhooks/standard-webhooks, the example that its libraries are tested with.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    await client.tell(heard.url, secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert heard.heard[0].headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("status", [400, 401, 404, 410, 500, 503])
async def test_a_refusal_is_told_with_its_first_words(heard: Receiver, client: EndpointClient, status: int) -> None:
    heard.answers.append(refusing(status, "not\x00 now,\nring +46701234567"))
    told = await client.tell(heard.url, SECRET, "d-1", 1, b"{}")
    assert told.status == status
    assert f"answered {status}" in told.error
    assert "not now, ring +46*******67" in told.error.replace("  ", " ")


async def test_a_redirect_is_not_followed(heard: Receiver, client: EndpointClient) -> None:
    heard.answers.append(refusing(302, location=heard.url))
    told = await client.tell(heard.url, SECRET, "d-1", 1, b"{}")
    assert (told.status, len(heard.heard)) == (302, 1)
    assert "redirects are not followed" in told.error


async def test_a_long_answer_is_not_read_to_its_end(heard: Receiver, client: EndpointClient) -> None:
    heard.answers.append(refusing(500, "x" * 10_000_000))
    told = await client.tell(heard.url, SECRET, "d-1", 1, b"{}")
    assert told.status == 500
    assert len(told.error) < READ_BYTES


async def test_an_answer_that_does_not_come_is_given_up(heard: Receiver) -> None:
    heard.stalls = True
    async with EndpointClient(allow_private=True, timeout_seconds=0.2) as client:
        told = await client.tell(heard.url, SECRET, "d-1", 1, b"{}")
    assert (told.status, told.error) == (None, "no answer within 0.2 s")


async def test_what_is_no_web_server_is_told(client: EndpointClient) -> None:
    told = await client.tell(f"http://127.0.0.1:{free_port()}/", SECRET, "d-1", 1, b"{}")
    assert (told.status, told.is_delivered) == (None, False)
    assert "no connection" in told.error
    async with plain_server(b"220 mail ready\r\n") as port:
        told = await client.tell(f"http://127.0.0.1:{port}/", SECRET, "d-1", 1, b"{}")
    assert "connection was lost" in told.error
    told = await client.tell("https://no-such-host.invalid/", SECRET, "d-1", 1, b"{}")
    assert "could not be looked up" in told.error


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"])  # noqa: S104
async def test_this_machine_is_not_reached_by_any_name(heard: Receiver, host: str) -> None:
    """The same address with private ones allowed gets through: it is the check that stops it."""
    url = heard.url.replace("127.0.0.1", host)
    async with EndpointClient(allow_private=False) as client:
        told = await client.tell(url, SECRET, "d-1", 1, b"{}")
    assert not told.is_delivered
    assert "private" in told.error
    assert heard.heard == []
    async with EndpointClient(allow_private=True) as client:
        assert (await client.tell(url, SECRET, "d-1", 1, b"{}")).is_delivered


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "017700000001", "[::1]", "[::]"])
async def test_other_spellings_of_this_machine_get_nowhere(heard: Receiver, host: str) -> None:
    async with EndpointClient(allow_private=False) as client:
        told = await client.tell(heard.url.replace("127.0.0.1", host), SECRET, "d-1", 1, b"{}")
    assert not told.is_delivered
    assert heard.heard == []


async def test_it_stops_when_told_to(heard: Receiver, client: EndpointClient) -> None:
    heard.stalls = True
    telling = asyncio.create_task(client.tell(heard.url, SECRET, "d-1", 1, b"{}"))
    await heard.until(lambda it: len(it.heard) == 1)
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling


def test_a_masked_secret_says_little() -> None:
    assert masked_secret(SECRET) == f"whsec_…{SECRET[-4:]}"
