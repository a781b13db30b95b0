"""The sender against a real server that fails now and then."""

import asyncio
import socket
from collections import Counter
from time import perf_counter

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.voucherify_sync.simulator.serving import serving
from voucherify_sync.simulator import sender as sender_module
from voucherify_sync.simulator.deliveries import Delivery, out_of_order, schedule
from voucherify_sync.simulator.envelopes import Webhook
from voucherify_sync.simulator.options import SimulationOptions
from voucherify_sync.simulator.sender import RETRY_MINUTES, Counts, Pace, Sender, percentile
from voucherify_sync.simulator.wire import signature

PATH = "/hook"
QUICK = 0.002 / 60
"""A time scale in which the vendor's first minute takes 2 ms."""


class Receiver:
    """Notes what it is sent; answers each body with the next of its answers, then with 202."""

    def __init__(self, *answers: int, seconds: float = 0.0) -> None:
        self.answers = answers
        self.seconds = seconds
        self.seen: Counter[bytes] = Counter()
        self.signatures: list[bool] = []
        self.moments: list[float] = []

    def route(self) -> Route:
        """Where it listens."""
        return Route(PATH, self._receive, methods=["POST"])

    async def _receive(self, request: Request) -> Response:
        body = await request.body()
        told = request.headers["x-voucherify-signature"]
        self.signatures.append(told == signature("key", body))
        self.moments.append(perf_counter())
        number = self.seen[body]
        self.seen[body] += 1
        await asyncio.sleep(self.seconds)
        status = self.answers[number] if number < len(self.answers) else 202
        return Response(status_code=status)


def deliveries(number: int) -> list[Delivery]:
    """So many different webhooks."""
    return [
        Delivery(Webhook(f'{{"number":{each}}}'.encode(), each, "voucher.created", None))
        for each in range(number)
    ]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_everything_is_signed_and_accepted_once() -> None:
    """What a server takes is sent once."""
    receiver = Receiver()
    made = schedule(SimulationOptions(cards=10, events=300, disorder=1, duplicates=0.1))
    async with serving(receiver.route()) as url:
        counts = await Sender(f"{url}{PATH}", "key", Pace()).send(made.deliveries, asyncio.Event())
    assert counts.complete
    assert (330, 330, 0, 0) == (counts.sent, counts.accepted, counts.retried, counts.given_up)
    assert (30, out_of_order(made.deliveries)) == (counts.duplicates, counts.out_of_order)
    assert Counter(one.body for one in made.deliveries) == receiver.seen
    assert all(receiver.signatures)
    assert 330 == len(counts.latencies)
    assert 0 < counts.percentile(0.5) <= counts.percentile(0.99) < counts.seconds


async def test_one_at_a_time_keeps_the_order() -> None:
    """With one connection nothing overtakes anything."""
    receiver = Receiver()
    sent = deliveries(40)
    async with serving(receiver.route()) as url:
        await Sender(f"{url}{PATH}", "key", Pace(concurrency=1)).send(sent, asyncio.Event())
    assert [one.body for one in sent] == list(receiver.seen)


@pytest.mark.parametrize("answer", [300, 400, 401, 404, 500, 503])
async def test_anything_but_a_2xx_is_tried_again(answer: int) -> None:
    """Redirects and refusals alike."""
    receiver = Receiver(answer, answer)
    async with serving(receiver.route()) as url:
        pace = Pace(time_scale=QUICK)
        counts = await Sender(f"{url}{PATH}", "key", pace).send(deliveries(5), asyncio.Event())
    assert counts.complete
    assert (15, 5, 10) == (counts.sent, counts.accepted, counts.retried)
    assert {str(answer): 10, "202": 5} == counts.answers
    assert 5 == len(counts.latencies)


async def test_after_the_twelfth_retry_it_is_given_up() -> None:
    """Thirteen attempts, at the vendor's moments after the first."""
    receiver = Receiver(*[500] * 20)
    async with serving(receiver.route()) as url:
        pace = Pace(time_scale=0.0004 / 60)
        begun = perf_counter()
        counts = await Sender(f"{url}{PATH}", "key", pace).send(deliveries(1), asyncio.Event())
    assert not counts.complete
    assert (13, 0, 12, 1) == (counts.sent, counts.accepted, counts.retried, counts.given_up)
    for moment, minutes in zip(receiver.moments[1:], RETRY_MINUTES, strict=True):
        assert moment - begun >= minutes * 0.0004


async def test_a_refused_connection_is_tried_again() -> None:
    """Nobody listens, then somebody does not either."""
    url = f"http://127.0.0.1:{free_port()}{PATH}"
    pace = Pace(time_scale=0.00001 / 60)
    counts = await Sender(url, "key", pace).send(deliveries(3), asyncio.Event())
    assert (3, 39) == (counts.given_up, counts.answers["no connection"])


async def test_an_answer_that_comes_too_late_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it says."""
    monkeypatch.setattr(sender_module, "ANSWER_SECONDS", 0.05)
    receiver = Receiver(seconds=0.2)
    async with serving(receiver.route()) as url:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.3, stop.set)
        counts = await Sender(f"{url}{PATH}", "key", Pace()).send(deliveries(1), stop)
    assert "no answer in time" in counts.answers
    assert 0 == counts.accepted


async def test_stopping_finishes_what_is_in_flight() -> None:
    """Nothing new is begun, nothing is cut off, what waited for its retry is left."""
    receiver = Receiver(seconds=0.05)
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.12, stop.set)
    async with serving(receiver.route()) as url:
        pace = Pace(concurrency=4)
        counts = await Sender(f"{url}{PATH}", "key", pace).send(deliveries(500), stop)
    assert 4 <= counts.accepted < 40
    assert counts.accepted == counts.sent == receiver.seen.total()


async def test_stopping_does_not_wait_for_retries() -> None:
    """The vendor's first minute is long."""
    receiver = Receiver(500)
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, stop.set)
    async with serving(receiver.route()) as url:
        begun = perf_counter()
        sender = Sender(f"{url}{PATH}", "key", Pace(time_scale=1))
        counts = await sender.send(deliveries(3), stop)
    assert perf_counter() - begun < 5
    assert (0, 0) == (counts.accepted, counts.given_up)


async def test_the_rate_is_kept() -> None:
    """Not faster than asked for, and not much slower."""
    receiver = Receiver()
    async with serving(receiver.route()) as url:
        counts = await Sender(f"{url}{PATH}", "key", Pace(rate=200)).send(
            deliveries(60), asyncio.Event()
        )
    assert 0.29 <= counts.seconds < 2


async def test_progress_and_acceptance_are_told() -> None:
    """After every attempt, and for every accepted webhook with its times."""
    progress: list[int] = []
    accepted: list[tuple[Delivery, float, float]] = []

    def tell(counts: Counts) -> None:
        progress.append(counts.accepted)

    receiver = Receiver(500)
    sent = deliveries(4)
    async with serving(receiver.route()) as url:
        sender = Sender(
            f"{url}{PATH}",
            "key",
            Pace(time_scale=QUICK),
            progress=tell,
            accepted=lambda *one: accepted.append(one),
        )
        await sender.send(sent, asyncio.Event())
    assert 8 == len(progress)
    assert 4 == progress[-1]
    assert sent == sorted((one for one, _, _ in accepted), key=lambda one: one.webhook.at)
    assert all(begun < ended for _, begun, ended in accepted)


def test_percentiles_of_little() -> None:
    """Of nothing it is 0, of one value that value."""
    assert 0.0 == percentile([], 0.5)
    assert 3.0 == percentile([3.0], 0.99)
    assert 2.0 == percentile([1.0, 2.0, 3.0], 0.5)
