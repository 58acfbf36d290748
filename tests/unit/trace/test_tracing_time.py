"""Tracing is quick enough not to be noticed."""

import time

import foglight as fog
from foglight.compiler.inputs import SymbolInputs
from foglight.compiler.user_functions import motion_function, sensor_function
from foglight.trace import derivatives
from foglight.trace.graph import Graph
from foglight.trace.program import Program


def test_ctrv_with_a_radar_and_its_jacobians_take_less_than_5_ms() -> None:
    radar = fog.sensing.range_bearing_rate(
        "radar", ("x", "y"), (0.0, 0.0), range_std=0.3, bearing_std=0.02, range_rate_std=0.1,
        speed="speed", heading="heading",
    )  # fmt: skip
    model = fog.Model(
        fog.motion.ctrv(accel=1.0, turn_accel=0.4),
        [radar],
        start=fog.Belief([20, 5, 2, 0.3, 0.1], std=[1, 1, 0.5, 0.2, 0.1]),
    )

    def trace() -> Program:
        graph = Graph()
        inputs = SymbolInputs(model, fog.EKF(), graph)
        x = inputs.belief.x
        f, h = motion_function(inputs)(x), sensor_function(inputs, radar)(x)
        F, H = derivatives.jacobian(graph, f, x), derivatives.jacobian(graph, h, x)
        return Program.of(graph, {"f": f, "F": F.ravel(), "h": h, "H": H.ravel()})

    assert trace().size > 50
    times = []
    for _ in range(20):
        start = time.perf_counter()
        trace()
        times.append(time.perf_counter() - start)
    print(f"trace and Jacobians: {1e3 * min(times):.2f} ms")
    assert min(times) < 5e-3
