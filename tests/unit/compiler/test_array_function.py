"""A function of arrays: the same bits interpreted, compiled and from threads, and results that belong to the caller."""

import threading
from typing import Any

import numpy as np
import pytest

from foglight.compiler.array_function import COMPILED_AFTER, ArrayFunction
from foglight.compiler.backends.interpreter import InterpreterBackend
from foglight.compiler.backends.llvm_engine import LlvmBackend
from foglight.core.types import Array
from foglight.trace.ops import product

A = np.array([[2.0, 0.3], [-0.7, 1.1], [0.2, 0.9]])
LONG = 3 * COMPILED_AFTER


def stretched(A: Array, b: Array) -> dict[str, Array]:
    y = product(A, b)
    return {"y": y, "size": np.array([np.log(product(y, y))]), "square": product(A, A.T)}


@pytest.fixture(params=[(), (0,), (0, 1)], ids=["scalars", "a matrix", "arrays"])
def whole(request: pytest.FixtureRequest) -> tuple[int, ...]:
    """Which arguments are traced as whole arrays."""
    found: tuple[int, ...] = request.param
    return found


def made(whole: tuple[int, ...] = ()) -> ArrayFunction:
    return ArrayFunction(stretched, [(3, 2), (2,)], whole=whole)


def readings(count: int = LONG) -> Array:
    return np.random.default_rng(3).normal(size=(count, 2))


def test_it_computes_the_equation(whole: tuple[int, ...]) -> None:
    function = made(whole)
    assert function.kernel.on_arrays == bool(whole)
    for b in readings():
        got, expected = function(A, b), stretched(A, b)
        assert got.dtype.names == tuple(expected)
        for name, value in expected.items():
            assert got[name].shape == value.shape
            np.testing.assert_allclose(got[name], value, rtol=1e-14)


def test_every_call_gives_the_same_bits(whole: tuple[int, ...]) -> None:
    function, b = made(whole), readings(1)[0]
    assert len({function(A, b).tobytes() for _ in range(LONG)}) == 1


def test_it_gives_the_same_bits_where_nothing_can_be_compiled(
    whole: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    function = made(whole)
    expected = [function(A, b).tobytes() for b in readings()]
    monkeypatch.setattr("foglight.compiler.engine.engine.BACKENDS", [InterpreterBackend()])
    alone = made(whole)
    assert [alone(A, b).tobytes() for b in readings()] == expected


@pytest.mark.skipif(not LlvmBackend().available(), reason="needs llvmlite")
def test_it_is_compiled_after_some_calls(whole: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    function = made(whole)
    for b in readings():
        function(A, b)
    monkeypatch.setattr("foglight.compiler.backends.interpreter.scan", None)
    assert function(A, b)["y"].shape == (3,)


def test_a_result_does_not_change_with_later_calls_or_arguments() -> None:
    function, b = made(), readings(1)[0]
    for _ in range(LONG):
        given = b.copy()
        result = function(A, given)
        before = result.tobytes()
        given[:] = 9.0
        function(A, 2.0 * b)
        assert result.tobytes() == before
    with pytest.raises(ValueError, match="read-only"):
        result["y"][0] = 1.0


def test_one_number_stands_for_all_entries() -> None:
    assert made()(A, 0.5).tobytes() == made()(A, np.full(2, 0.5)).tobytes()


def test_threads_do_not_disturb_each_other(whole: tuple[int, ...]) -> None:
    function = made(whole)
    expected = [made(whole)(A, b).tobytes() for b in readings()]
    found: dict[int, list[bytes]] = {}

    def work(number: int) -> None:
        found[number] = [function(A, b).tobytes() for _ in range(20) for b in readings()]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(bits == 20 * expected for bits in found.values())


def test_an_argument_of_another_shape_is_refused() -> None:
    arguments: list[Any] = [A.T, readings(1)[0]]
    with pytest.raises(ValueError, match="broadcast"):
        made()(*arguments)
