"""A filter as C files: what stands in them, what a compiler says, what they compute, and what is refused."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import foglight as fog
from agreement.examples import EXAMPLES
from agreement.generated_c import need_gcc
from foglight.adapters.targets.c_names import c_names
from foglight.adapters.targets.exported import exported
from foglight.adapters.targets.footprint import most_alive
from foglight.adapters.targets.selftest import expected, readings
from foglight.cli.main import main
from foglight.methods.layout import upper
from unit.test_docs import run_page

PEDANTIC = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-ffp-contract=off")
FOG = Path(__file__).parents[4] / "examples" / "fog"
RADAR = next(e for e in EXAMPLES if e.name == "guarded-EKF")


def built(folder: Path, name: str, *flags: str, main: str | None = None) -> Path:
    """The program of exported files, linked without the library of mathematical functions."""
    sources = [str(folder / f"{name}{end}.c") for end in ("", "_selftest", main or "_main")]
    done = subprocess.run(
        ["gcc", *PEDANTIC, *flags, *sources, "-o", str(folder / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[:2_000]
    return folder / name


def printed(program: Path) -> list[str]:
    return subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout.splitlines()


def unknown_start() -> fog.Model:
    return fog.Model(
        fog.motion.constant_velocity(("x", "y"), accel=0.7),
        [fog.sensing.linear("gps", of=("x", "y"), std=1.0, measures=("px", "py"))],
        start=None,
    )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_program_passes_its_test_and_prints_what_the_filter_estimates(dtype: str, tmp_path: Path) -> None:
    need_gcc()
    model, method = fog.load_model(FOG / "pedestrian.toml")
    fog.export_c(model, tmp_path / "ekf.c", method, dtype=dtype)
    lines = printed(built(tmp_path, "ekf", "-O1"))
    filter = exported("ekf", model, method, dtype)
    carry, records = expected(filter, readings(filter))
    assert lines[0] == "the selftest passes" and len(lines) == 1 + len(records)
    said = re.fullmatch(
        r"row 40, after \S+ s: ahead = (\S+)(?: m)?, .*; variance of ahead = (\S+); status 1", lines[-1]
    )
    assert said is not None
    U, D = np.eye(4), np.zeros(4)
    for k, (i, j) in enumerate(upper(4)):
        (D if i == j else U[i])[j] = carry[4 + k]
    assert float(said[1]) == pytest.approx(carry[0], rel=1e-5)
    assert float(said[2]) == pytest.approx((U * D @ U.T)[0, 0], rel=1e-2)


def test_the_records_of_the_test_are_those_of_a_run() -> None:
    """From the same stamps, readings and start, by the public verb."""
    model, method = fog.load_model(FOG / "pedestrian.toml")
    filter = exported("ekf", model, method, "float64")
    given = readings(filter)
    _, records = expected(filter, given)
    log = fog.Log.from_arrays(np.cumsum(given.dt).round(9), radar=given.z[0])
    run = fog.run(model, log, method, start_time=0.0)
    np.testing.assert_allclose(run.filtered.mean, records[:, :4], rtol=1e-9)
    assert run.status.tolist() == records[:, filter.kernel.status].tolist()


@pytest.mark.parametrize("example", [RADAR, *EXAMPLES[4:5]], ids=str)
def test_guards_and_matrices_by_rows_are_exported(example: object, tmp_path: Path) -> None:
    need_gcc()
    fog.export_c(example.model(12), tmp_path / "f.c", example.method)  # type: ignore[attr-defined]
    assert printed(built(tmp_path, "f", "-O0"))[0] == "the selftest passes"


def test_a_filter_with_an_unknown_start_is_exported(tmp_path: Path) -> None:
    need_gcc()
    fog.export_c(unknown_start(), tmp_path / "f.c")
    assert printed(built(tmp_path, "f", "-O0"))[0] == "the selftest passes"


def test_a_filter_of_many_states_is_exported_with_its_loops(tmp_path: Path) -> None:
    need_gcc()
    rng = np.random.default_rng(5)
    F, G = np.linalg.qr(rng.normal(size=(26, 26)))[0] * 0.9, rng.normal(size=(26, 26)) / 5.0
    model = fog.linear_model(
        F, G @ G.T + 0.1 * np.eye(26), rng.normal(size=(3, 26)), np.diag([0.5, 0.4, 0.3]),
        start=fog.Belief(np.zeros(26), std=np.ones(26)),
    )  # fmt: skip
    fog.export_c(model, tmp_path / "f.c")
    assert "one step runs at a time" in (tmp_path / "f.h").read_text()
    assert printed(built(tmp_path, "f", "-O0"))[0] == "the selftest passes"


def test_a_compiler_that_contracts_is_found_out(tmp_path: Path) -> None:
    """The planted defect: another sum in one place. The program says in which row."""
    need_gcc()
    fog.export_c(RADAR.model(12), tmp_path / "f.c", RADAR.method)
    source = tmp_path / "f.c"
    text = source.read_text()
    products = [
        line for line in text.splitlines() if re.fullmatch(r" +const f_real r\d+ = r\d+ \* r\d+;", line)
    ]
    source.write_text(text.replace(products[5], products[5].replace(";", " * 0x1.0000000000001p+0;")))
    done = subprocess.run([built(tmp_path, "f", "-O0")], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and re.match(r"the selftest fails in row \d+:", done.stdout)


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("-ffast-math", "change results"),
        ("-ffinite-math-only", "change results"),
        ("-mfpmath=387", "more digits than they have"),
    ],
)
def test_options_that_change_results_are_refused_by_the_compiler(
    flag: str, said: str, tmp_path: Path
) -> None:
    need_gcc()
    fog.export_c(unknown_start(), tmp_path / "f.c")
    words = ["gcc", "-std=c99", flag, "-c", str(tmp_path / "f.c"), "-o", str(tmp_path / "f.o")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode and said in done.stderr


def test_the_class_for_cpp_gives_the_same_numbers(tmp_path: Path) -> None:
    need_gcc()
    model, method = fog.load_model(FOG / "pedestrian.toml")
    fog.export_c(model, tmp_path / "ekf.c", method)
    (tmp_path / "use.cpp").write_text(
        '#include "ekf.hpp"\n#include <cstdio>\n'
        "int main() {\n    ekf::Filter one, other;\n    const double z[EKF_Z] = {30.0, 0.1};\n"
        "    one.step(0.1, z);\n    other = one;\n    other.step(0.1, z);\n"
        '    std::printf("%a %a %u\\n", one.mean(EKF_X_ahead), other.covariance()[0], other.status());\n'
        "    return ekf_selftest();\n}\n"
    )
    folder = str(tmp_path)
    for words in (
        ["gcc", *PEDANTIC, "-c", f"{folder}/ekf.c", "-o", f"{folder}/ekf.o"],
        ["gcc", *PEDANTIC, "-c", f"{folder}/ekf_selftest.c", "-o", f"{folder}/test.o"],
        ["g++", "-std=c++17", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", f"{folder}/use.cpp",
         f"{folder}/ekf.o", f"{folder}/test.o", "-o", f"{folder}/use"],
    ):  # fmt: skip
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[:2_000]
    mean, variance, status = printed(tmp_path / "use")[0].split()
    log = fog.Log.from_arrays([0.1, 0.2], radar=[[30.0, 0.1], [30.0, 0.1]])
    run = fog.run(model, log, method, start_time=0.0)
    assert float.fromhex(mean) == run.filtered.mean[0, 0] and int(status) == run.status[1]
    assert float.fromhex(variance) == pytest.approx(run.filtered.cov[1, 0, 0], rel=1e-14)


def test_the_code_of_the_page_is_what_a_compiler_accepts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_gcc()
    monkeypatch.chdir(tmp_path)
    page = (FOG.parents[1] / "docs/how-to/microcontroller.md").read_text()
    run_page(page, "microcontroller.md")
    [code] = re.findall(r"^```c\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    Path("use.c").write_text(
        f"#include <math.h>\nvoid begin(void);\nvoid radar_reported(float, float, float);\n{code}"
    )
    done = subprocess.run(["gcc", *PEDANTIC, "-c", "use.c"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_header_names_every_number(tmp_path: Path) -> None:
    model, method = fog.load_model(FOG / "pedestrian.toml")
    fog.export_c(model, tmp_path / "ekf.c", method)
    text = (tmp_path / "ekf.h").read_text()
    for line in (
        "EKF_X_aside_speed = 3", "EKF_Z_radar_bearing = 1", "EKF_P_radar_range_std = 1", "EKF_USED = 1",
        "#define EKF_STATES 4", "EKF_RECORD_NIS = 16", "carry[5]  U[ahead,aside]", fog.__version__,
    ):  # fmt: skip
        assert line in text, line
    assert re.search(r"[0-9a-f]{64}", text)
    assert "malloc" not in (tmp_path / "ekf.c").read_text()


def test_only_the_step_is_written_where_only_it_is_asked_for(tmp_path: Path) -> None:
    for parts, there in (("step", False), (("step", "scan"), True)):
        fog.export_c(unknown_start(), tmp_path / "f.c", parts=parts)
        assert ("f_scan(" in (tmp_path / "f.c").read_text()) is there
        assert ("f_scan(" in (tmp_path / "f.h").read_text()) is there


def test_labels_become_different_names() -> None:
    assert c_names(["gps.x", "gps_x", "gps x", "Größe"]) == ["gps_x", "gps_x_2", "gps_x_3", "Gr__e"]


def test_as_many_numbers_are_alive_as_are_needed_later() -> None:
    stage = exported("f", unknown_start(), fog.EKF(), "float64").kernel.stages[0]
    few = exported("f", RADAR.model(12), RADAR.method, "float64").kernel.stages[0]
    assert 4 <= most_alive(few.program) < most_alive(stage.program) < stage.program.size


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "model.toml"}, "model = 'model.toml': expected a fog.Model"),
        ({"path": "my-filter.c"}, "path = 'my-filter.c': expected a file such as ekf.c"),
        ({"path": "filter.h"}, "path = 'filter.h': expected a file such as ekf.c"),
        ({"path": "3d.c"}, "a letter first"),
        ({"path": "class.c"}, "no word of C++"),
        ({"dtype": "float16"}, "dtype = 'float16': expected one of float64, float32"),
        ({"parts": ("scan",)}, "expected step, or step and scan"),
        ({"parts": ("step", "loop")}, "parts = 'loop': expected one of step, scan"),
    ],
)
def test_other_arguments_are_refused(
    change: dict[str, object], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments: dict[str, object] = {"model": unknown_start(), "path": "f.c"} | change
    with pytest.raises(fog.ModelError, match=re.escape(said)):
        fog.export_c(**arguments)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_model_that_cannot_be_c_says_why_and_nothing_is_written(tmp_path: Path) -> None:
    start = fog.Belief([0.0], std=[1.0])
    walk = fog.motion.random_walk("x", std=1.0)
    opaque = fog.Sensor("sonar", ("z",), fog.opaque(lambda x, p: [float(x[0])]), lambda x, p: [[1.0]])
    with pytest.raises(
        fog.ModelError, match=r"^sonar.measure is opaque: .* Write them with NumPy's functions"
    ):
        fog.export_c(fog.Model(walk, [opaque], start), tmp_path / "f.c")
    with pytest.raises(fog.ModelError, match="transformed before the filter"):
        fog.export_c(fog.structural(level="random", log=True), tmp_path / "f.c")
    with pytest.raises(fog.DataError, match="there is no folder"):
        fog.export_c(unknown_start(), tmp_path / "missing" / "f.c")
    assert not list(tmp_path.iterdir())


def test_the_command_prints_what_it_has_written(tmp_path: Path) -> None:
    asked = ["export", str(FOG / "pedestrian.toml"), "-o", str(tmp_path / "ekf.c"), "--dtype", "float32"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    assert [Path(line).name for line in done.output.splitlines()] == [
        "ekf.h", "ekf.c", "ekf_selftest.c", "ekf_main.c", "ekf.hpp",
    ]  # fmt: skip
    assert "typedef float ekf_real;" in (tmp_path / "ekf.h").read_text()
    refused = CliRunner().invoke(main, [*asked[:3], str(tmp_path / "ekf.txt")])
    assert refused.exit_code == 2 and "expected a file such as ekf.c" in refused.output
