"""Tracing is quick enough not to be noticed."""

import time
from typing import Any

import numpy as np

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


def test_a_model_of_own_functions_is_made_in_less_than_60_ms_and_a_ready_made_one_in_3() -> None:
    """Each own function is traced and compared with numbers; about 8 ms for this one."""

    def dynamics(x: Any, dt: Any, p: Any) -> list[Any]:
        turn = np.where(np.abs(x.w) < 1e-6, 1e-6, x.w)
        return [
            x.x + x.v / turn * (np.sin(x.h + turn * dt) - np.sin(x.h)),
            x.y + x.v / turn * (np.cos(x.h) - np.cos(x.h + turn * dt)),
            x.v, x.h + dt * x.w, x.w,
        ]  # fmt: skip

    own = fog.Motion(
        ("x", "y", "v", "h", "w"),
        dynamics,
        lambda x, dt, p: np.diag([0.1, 0.1, 0.2, 0.01, 0.03]) * dt,
        angles=("h",),
    )
    radar = fog.Sensor(
        "radar", ("range", "bearing"), lambda x, p: [np.hypot(x.x, x.y), np.arctan2(x.y, x.x)],
        lambda x, p: np.diag([p.std**2, 1e-4]), params={"std": 0.5}, angles=("bearing",),
    )  # fmt: skip
    start = fog.Belief([20.0, 5.0, 2.0, 0.3, 0.1], std=[1.0, 1.0, 0.5, 0.2, 0.1])
    gps = fog.sensing.linear("gps", of=("x", "y"), std=0.5)
    ready = fog.motion.ctrv(accel=1.0, turn_accel=0.4)
    for motion, sensor, limit in ((own, radar, 60e-3), (ready, gps, 3e-3)):
        times = []
        for _ in range(10):
            begin = time.process_time()
            fog.Model(motion, [sensor], start)
            times.append(time.process_time() - begin)
        print(f"a model: {1e3 * min(times):.2f} ms")
        assert min(times) < limit
