"""The calls that are remembered, in the order they were created."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator

from gdial.simulator.calls.record import Call

EXCHANGES_OF_CALLS = 20_000
"""They are most of what a call takes: about 8 KB."""


class CallStore:
    """Calls by SID, by number and by age; forgets the oldest finished ones above `keep_calls`, and before that what was
    asked and answered in all but the newest `EXCHANGES_OF_CALLS`."""

    def __init__(self, keep_calls: int) -> None:
        self._keep_calls = keep_calls
        self._by_sid: dict[str, Call] = {}
        self._by_number: dict[str, list[Call]] = {}
        self._in_order: list[Call] = []
        self._with_exchanges: deque[Call] = deque()
        self._serial = 0

    def __len__(self) -> int:
        return len(self._by_sid)

    def next_serial(self) -> int:
        """A number larger than that of every call before."""
        self._serial += 1
        return self._serial

    def add(self, call: Call) -> None:
        self._by_sid[call.sid] = call
        self._by_number.setdefault(call.to, []).append(call)
        self._in_order.append(call)
        self._with_exchanges.append(call)
        if len(self._with_exchanges) > EXCHANGES_OF_CALLS:
            oldest = self._with_exchanges.popleft()
            oldest.exchanges, oldest.keeps_exchanges = [], False
        # Shifting a long list costs as much for one as for many, so forgetting goes by the hundredth.
        if len(self._in_order) > self._keep_calls + self._keep_calls // 100:
            self._forget(len(self._in_order) - self._keep_calls)

    def find(self, account: str, sid: str) -> Call | None:
        """The call with this SID, if it belongs to the account."""
        call = self._by_sid.get(sid)
        return call if call is not None and call.account == account else None

    def oldest_first(self, number: str | None = None, *, after: int = 0) -> Iterator[Call]:
        """Calls (to one number) created after the one with serial `after`."""
        calls = self._choose(number)
        for index in range(bisect_left(calls, after + 1, key=_serial_of), len(calls)):
            yield calls[index]

    def newest_first(self, number: str | None = None, *, before: int | None = None) -> Iterator[Call]:
        """Calls (to one number) created before the one with serial `before`."""
        calls = self._choose(number)
        end = len(calls) if before is None else bisect_left(calls, before, key=_serial_of)
        for index in range(end - 1, -1, -1):
            yield calls[index]

    def clear(self) -> None:
        """Forget all calls; serials go on."""
        # New ones, because somebody may be half-way through reading the old ones.
        self._by_sid, self._by_number, self._in_order, self._with_exchanges = {}, {}, [], deque()

    def _choose(self, number: str | None) -> list[Call]:
        return self._in_order if number is None else self._by_number.get(number, [])

    def _forget(self, count: int) -> None:
        kept: list[Call] = []
        for index, call in enumerate(self._in_order):
            if count == 0:
                kept.extend(self._in_order[index:])
                break
            if not call.is_over:
                kept.append(call)
                continue
            count -= 1
            del self._by_sid[call.sid]
            same_number = self._by_number[call.to]
            same_number.remove(call)
            if not same_number:
                del self._by_number[call.to]
        self._in_order = kept


def _serial_of(call: Call) -> int:
    return call.serial
