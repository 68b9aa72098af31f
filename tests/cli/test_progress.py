from __future__ import annotations

import attrs
import pytest
import trio

from triospike.cli.progress import Standing, open_bar, wait_for


@attrs.frozen
class Found:
    fraction: float

    @property
    def done(self) -> bool:
        return self.fraction == 1


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"COLUMNS": "80", "FORCE_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)


async def test_without_a_terminal_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    async with open_bar("reading", lambda: Standing(0.5)) as bar:
        assert not bar.visible
        with bar.away():
            await trio.lowlevel.checkpoint()
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("terminal")
async def test_a_bar_is_on_stderr_and_gone_at_the_end(
    capsys: pytest.CaptureFixture[str], autojump_clock: trio.testing.MockClock
) -> None:
    async with open_bar("reading", lambda: Standing(0.5, "5 records")):
        await trio.sleep(1)
    out, err = capsys.readouterr()
    assert out == ""
    assert "reading" in err
    assert "50%" in err
    assert "5 records" in err
    assert err.rstrip().endswith("\x1b[2K")


@pytest.mark.usefixtures("terminal")
async def test_an_error_comes_out_as_it_is() -> None:
    with pytest.raises(OSError, match="disk"):
        async with open_bar("reading", lambda: Standing(None)):
            raise OSError("disk")


async def test_it_asks_until_all_is_done(autojump_clock: trio.testing.MockClock) -> None:
    answers = [Found(0.0), Found(0.3), Found(1.0)]

    async def ask() -> Found:
        return answers.pop(0)

    await wait_for("building", ask)
    assert answers == []
    assert trio.current_time() == pytest.approx(0.25)
