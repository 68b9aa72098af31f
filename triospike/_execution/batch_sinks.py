"""What becomes of the answers of a batch: records, flags, or results."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, cast

from .._commands.batch_answer import Answer, read_answers, read_flags, read_records
from ..batch import BatchError, BatchResult
from ..errors import AerospikeError
from ..record import Record
from ..result_code import ResultCode
from .batch_part import BatchPart
from .batch_plan import Batch

__all__ = ["FlagSink", "RecordSink", "ResultSink"]

_ABSENT = (ResultCode.NOT_FOUND, ResultCode.FILTERED_OUT)


class _CollectingSink:
    """Keeps all answers until the batch has ended.

    Args:
        batch: What is asked.
    """

    paced = False

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.answers: list[Any] = [None] * len(batch.keys)
        self.failures: dict[int, AerospikeError] = {}

    def fail(self, index: int, error: AerospikeError, *, in_doubt: bool) -> None:
        """Take note that a row gets no answer."""
        self.failures[index] = error
        self.answers[index] = int(error.result_code)

    async def relieve(self) -> None:
        """Nobody takes results before the end."""

    def error(self, results: Sequence[BatchResult]) -> BatchError:
        """What the batch raises."""
        failed = [result for result in results if not result.ok and result.result_code not in _ABSENT]
        causes = list(dict.fromkeys(self.failures.values()))
        first = failed[0]
        where = f"{self.batch.argument}[{first.index}]"
        why = copy.copy(first.error)
        assert why is not None
        why.in_doubt = False  # the message of the whole says so itself, behind the rest
        message = f"{len(failed)} of {len(results)} rows failed, the first of them {where}: {why}"
        error = BatchError(message, results, causes)
        error.__cause__ = causes[0] if causes else first.error
        return error


class _ReadingSink(_CollectingSink):
    """Answers are records, None, or result codes."""

    def _raise_if_failed(self, is_failure: bool) -> None:
        if is_failure:
            raise self.error([self._result(index) for index in range(len(self.answers))])

    def _result(self, index: int) -> BatchResult:
        key, answer = self.batch.keys[index], self.answers[index]
        failure = self.failures.get(index)
        if failure is not None:
            return BatchResult(index, key, failure.result_code, node=failure.node, failure=failure)
        if isinstance(answer, Record):
            return BatchResult(index, key, ResultCode.OK, answer)
        return BatchResult(index, key, ResultCode.NOT_FOUND if answer is None else answer)


class RecordSink(_ReadingSink):
    """For `batch_get`."""

    def read(self, frame: bytes, part: BatchPart) -> int | None:
        """Take in a frame of records."""
        return read_records(frame, self.batch.keys, self.answers, part)

    def take(self, index: int, answer: Answer, node: str | None, *, in_doubt: bool) -> None:
        """Take the answer of a row."""
        if answer.code == ResultCode.NOT_FOUND:
            self.answers[index] = None
        else:
            self.answers[index] = answer.code or answer.record

    def records(self) -> list[Record | None]:
        """The records, None where there is none.

        Raises:
            BatchError: A row failed.
        """
        answers = self.answers
        if int in set(map(type, answers)):
            codes = {answer for answer in answers if type(answer) is int}
            self._raise_if_failed(codes != {int(ResultCode.FILTERED_OUT)})
            return [None if type(answer) is int else answer for answer in answers]
        return cast("list[Record | None]", answers)


class FlagSink(_ReadingSink):
    """For `batch_exists`."""

    def read(self, frame: bytes, part: BatchPart) -> int | None:
        """Take in a frame of headers."""
        return read_flags(frame, self.answers, part)

    def take(self, index: int, answer: Answer, node: str | None, *, in_doubt: bool) -> None:
        """Take the answer of a row."""
        self.answers[index] = answer.code

    def flags(self) -> list[bool]:
        """Whether each record exists.

        Raises:
            BatchError: A row failed.
        """
        codes = set(self.answers)
        self._raise_if_failed(bool(codes - {int(ResultCode.OK), *map(int, _ABSENT)}))
        return [code == ResultCode.OK for code in self.answers]


class ResultSink(_CollectingSink):
    """For the calls that return results; a subclass may hand them on at once."""

    def read(self, frame: bytes, part: BatchPart) -> int | None:
        """Take in a frame of rows of any kind."""
        node = part.node.name

        def take(index: int, answer: Answer) -> None:
            self.take(index, answer, node, in_doubt=part.doubtful)

        batch = self.batch
        return read_answers(frame, batch.keys, batch.rows, self.answers, part, take, self.put, node)

    def take(self, index: int, answer: Answer, node: str | None, *, in_doubt: bool) -> None:
        """Take the answer of a row; in doubt are those that may have been carried out before they failed."""
        code, record, failure = answer
        doubt = in_doubt and code != 0 and self.batch.row(index).is_write
        self.put(BatchResult(index, self.batch.keys[index], code, record, doubt, node, failure))

    def fail(self, index: int, error: AerospikeError, *, in_doubt: bool) -> None:
        """Take note that a row gets no answer."""
        self.failures[index] = error
        code = int(error.result_code)
        self.put(BatchResult(index, self.batch.keys[index], code, None, in_doubt, error.node, error))

    def put(self, result: BatchResult) -> None:
        """Keep a result."""
        self.answers[result.index] = result

    def results(self) -> list[BatchResult]:
        """The results.

        Raises:
            BatchError: A node could not be asked, or failed.
        """
        results = cast("list[BatchResult]", self.answers)
        if self.failures:
            raise self.error(results)
        return results
