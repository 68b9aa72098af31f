from __future__ import annotations

from triospike._cluster.breaker import ErrorWindow


def count(window: ErrorWindow, errors: int) -> ErrorWindow:
    window.errors += errors
    return window


def test_as_many_errors_as_allowed_do_not_exceed_the_limit() -> None:
    assert not count(ErrorWindow(100), 100).exceeded
    assert count(ErrorWindow(100), 101).exceeded


def test_zero_is_no_limit() -> None:
    window = count(ErrorWindow(0), 10**9)

    assert not window.exceeded
    window.end()
    assert not count(window, 10**9).exceeded


def test_the_limit_halves_with_each_bad_window_down_to_one_and_doubles_with_each_good_one() -> None:
    window = ErrorWindow(10)
    limits = []
    for errors in [11, 6, 3, 2, 0, 0, 0, 0, 0]:
        count(window, errors).end()
        limits.append(window.limit)

    assert limits == [5, 2, 1, 1, 2, 4, 8, 10, 10]


def test_a_new_window_begins_without_errors() -> None:
    window = count(ErrorWindow(10), 11)

    window.end()

    assert window.errors == 0
    assert not window.exceeded


def test_a_node_that_begins_anew_gets_the_whole_limit() -> None:
    window = count(ErrorWindow(10), 11)
    window.end()

    count(window, 3).reset()

    assert (window.errors, window.limit) == (0, 10)
