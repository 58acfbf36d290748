"""Which smoother a run needs."""

from foglight.compiler.engine.arrays import Arrays
from foglight.core.errors import StateError
from foglight.core.types import Array
from foglight.inference import linear_smoother
from foglight.inference.backward_pass import Backward
from foglight.inference.gaussians import Unknown
from foglight.inference.run import Run
from foglight.inference.scans import Smoother
from foglight.methods.method import Method
from foglight.model.model import Model


def smoother_for(
    model: Model, method: Method, arrays: Arrays, records: Array, status: int, unknown: Unknown
) -> Smoother:
    """The smoother of rows that have been filtered.

    arrays: the filter's input; records (tracks, T, width): its output; unknown: its unknown directions; status: the
    column of the status in records.
    """
    if linear_smoother.applies(model, method, records, status):
        return linear_smoother.LinearSmoother(model, method, arrays, records, unknown)
    return Backward(model, method, arrays, records, status, unknown)


def smoother_of(run: Run) -> Smoother:
    """The smoother of a run; StateError if it kept only its last belief."""
    if run._records is None:
        raise StateError(
            "this run kept only its last belief, and a smoother needs every row's. Run again with keep='all'.",
            field="keep",
            value="last",
        )
    unknown = run._unknown(unsettled=True)
    return smoother_for(run.model, run.method, run._arrays, run._records, run._engine.kernel.status, unknown)
