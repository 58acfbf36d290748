"""Models with opaque functions on the reference path, as if they were too large to be compiled."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import foglight as fog
from foglight.trace.primitives import TooLongError


@contextmanager
def on_floats() -> Iterator[None]:
    """Within this context, models are put on the reference path, without its warning."""
    too_long = mock.patch("foglight.compiler.opaque_row.opaque_row", side_effect=TooLongError)
    with too_long, warnings.catch_warnings():
        warnings.simplefilter("ignore", fog.FoglightWarning)
        yield
