from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from triospike._execution.service_nursery import open_service_nursery

Step = Callable[[], Awaitable[None]]


class UserError(Exception):
    pass


class ServiceBug(Exception):
    pass


def raising(error: BaseException) -> Step:
    async def step() -> None:
        await trio.lowlevel.checkpoint()
        raise error

    return step


def raising_when_cancelled(error: BaseException) -> Step:
    async def step() -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise error

    return step


async def serve(body: Step, *services: Step) -> None:
    """A block with services, of which one waits for ever."""
    async with open_service_nursery() as nursery:
        nursery.start_soon(trio.sleep_forever)
        await wait_all_tasks_blocked()
        for service in services:
            nursery.start_soon(service)
        await body()


async def test_tasks_are_cancelled_when_the_block_ends() -> None:
    async with open_service_nursery() as nursery:
        nursery.start_soon(trio.sleep_forever)
        await wait_all_tasks_blocked()
    assert not nursery.child_tasks


async def test_an_error_of_the_block_comes_out_as_it_is() -> None:
    error = UserError("mine")
    with pytest.raises(UserError) as caught:
        await serve(raising(error))
    assert caught.value is error
    assert (error.__cause__, error.__context__) == (None, None)


async def test_an_error_keeps_its_cause() -> None:
    async def body() -> None:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise UserError from error

    with pytest.raises(UserError) as caught:
        await serve(body)
    assert type(caught.value.__cause__) is KeyError


async def test_an_error_keeps_its_context() -> None:
    async def body() -> None:
        try:
            raise KeyError("first")
        finally:
            raise UserError

    with pytest.raises(UserError) as caught:
        await serve(body)
    assert (caught.value.__cause__, type(caught.value.__context__)) == (None, KeyError)


async def test_a_group_that_the_block_raises_stays_a_group() -> None:
    group = ExceptionGroup("of the user's own nursery", [UserError()])
    with pytest.raises(ExceptionGroup) as caught:
        await serve(raising(group))
    assert caught.value is group


async def test_a_bug_of_a_service_cancels_the_block_and_comes_out_as_it_is() -> None:
    with pytest.raises(ServiceBug):
        await serve(trio.sleep_forever, raising(ServiceBug()))


async def test_a_bug_of_a_service_in_a_nursery_of_its_own_comes_out_as_it_is() -> None:
    async def nested() -> None:
        async with trio.open_nursery() as inner:
            inner.start_soon(raising(ServiceBug()))

    with pytest.raises(ServiceBug):
        await serve(trio.sleep_forever, nested)


async def test_an_error_of_the_block_and_a_bug_of_a_service_come_out_together() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await serve(raising(UserError()), raising_when_cancelled(ServiceBug()))
    assert {type(error) for error in caught.value.exceptions} == {UserError, ServiceBug}


async def test_a_cancel_from_outside_is_no_error() -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        await serve(trio.sleep_forever)
    assert scope.cancelled_caught


async def test_a_cancel_from_outside_and_an_error_leave_the_error() -> None:
    scope = trio.CancelScope()

    async def body() -> None:
        scope.cancel()
        raise UserError

    with pytest.raises(UserError), scope:
        await serve(body)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
async def test_what_is_no_exception_comes_out_as_it_is(error: type[BaseException]) -> None:
    with pytest.raises(error):
        await serve(raising(error()))


def test_control_c_in_the_block_comes_out_as_keyboard_interrupt() -> None:
    async def body() -> None:
        signal.raise_signal(signal.SIGINT)
        await trio.sleep_forever()

    with pytest.raises(KeyboardInterrupt):
        trio.run(serve, body)
