"""The server of the studio, driven over the loopback interface: who is refused, and what a tab is answered."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from click.testing import CliRunner

import foglight as fog
from foglight.cli.main import main
from foglight.core.errors import DataError, FoglightError
from foglight.pictures.studio import server as server_module
from foglight.pictures.studio.lesson import lesson
from foglight.pictures.studio.server import Studio, bound

pytest.importorskip("starlette", reason="the extra studio is not installed")
pytest.importorskip("uvicorn", reason="the extra studio is not installed")
client = pytest.importorskip("websockets.sync.client", reason="the extra studio is not installed")

from websockets.exceptions import ConnectionClosed, InvalidStatus  # noqa: E402


class Served:
    """A studio that runs in a thread."""

    def __init__(self, **options):
        self.studio = Studio(lesson(), _free_port(), **options)
        self.thread = threading.Thread(target=self.studio.run, daemon=True)
        self.thread.start()
        self.host = f"127.0.0.1:{self.studio.port}"

    def get(self, path, method="GET", body=None, **headers):
        link = http.client.HTTPConnection("127.0.0.1", self.studio.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        link.request(method, path, body, named, encode_chunked="Transfer-Encoding" in named)
        answer = link.getresponse()
        text = answer.read().decode()
        link.close()
        return answer.status, text, dict(answer.getheaders())

    def connect(self, origin=None, **options):
        origin = f"http://{self.host}" if origin is None else origin
        return client.connect(
            f"ws://{self.host}/live", origin=origin, proxy=None, max_size=None, open_timeout=20, **options
        )

    def tab(self):
        link = self.connect().__enter__()
        link.send(json.dumps({"token": self.studio.token}))
        return Tab(link)

    def end(self):
        self.studio._end()
        self.thread.join(20)
        assert not self.thread.is_alive()


def read(message):
    """A message as the page reads it: a text, or the length of a text, the text, and columns from multiples of 8 on."""
    if isinstance(message, str):
        return json.loads(message)
    length = int.from_bytes(message[:4], "little")
    found, first = json.loads(message[4 : 4 + length]), -(-(4 + length) // 8) * 8
    for column in found["page"]["columns"]:
        at, count = first + column.pop("at"), column.pop("count")
        assert at % 8 == 0 and message[4 + length : first].strip(b"\0") == b""
        column["data"] = np.frombuffer(message, "<" + column["type"], count, at) + column["offset"]
    return found


class Tab:
    """A page that speaks with a studio."""

    def __init__(self, link):
        self.link = link
        self.first = self.next("page")
        self.count = 0

    def next(self, kind):
        while True:
            message = read(self.link.recv(timeout=30))
            if message["is"] == kind:
                return message

    def ask(self, **message):
        """Send a message, and return what comes until it is done."""
        self.count += 1
        self.link.send(json.dumps({**message, "n": self.count}))
        found = []
        while True:
            answer = read(self.link.recv(timeout=30))
            if answer["is"] == "done" and answer["n"] == self.count:
                return found
            found.append(answer)


def _free_port():
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return probing.getsockname()[1]


@pytest.fixture(scope="module")
def served():
    found = Served(stay=True)
    yield found
    found.end()


def test_only_this_computer_can_connect(served):
    assert served.studio.socket.getsockname()[0] == "127.0.0.1"


def test_the_page_needs_the_token(served):
    token = served.studio.token
    status, text, headers = served.get(f"/?token={token}")
    assert status == 200 and '<div id="studio">' in text and token not in text
    assert (
        "'unsafe" not in headers["content-security-policy"]
        and "default-src 'none'" in headers["content-security-policy"]
    )
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer" and "set-cookie" not in {
        name.lower() for name in headers
    }
    for path in (
        "/",
        "/?token=",
        f"/?token={token[:-1]}",
        f"/?token={token}x",
        "/?Token=" + token,
        "/?token=%F0%9F",
    ):
        status, text, _ = served.get(path)
        assert status == 403 and "token" in text and token not in text, path


HOSTS = [
    "evil.example", "127.0.0.1", "localhost", "127.0.0.1.evil.example:{port}", "[::1]:{port}", "0.0.0.0:{port}",
    "127.0.0.1:{port}0", "LOCALHOST:{port}", "127.1:{port}", "",
]  # fmt: skip
ORIGINS = [
    "http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1", "http://localhost:1", "file://",
    "http://127.0.0.1:{port}.evil.example",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_host_is_refused(served, host):
    host = host.format(port=served.studio.port)
    for path in (f"/?token={served.studio.token}", "/page.js"):
        status, text, _ = served.get(path, Host=host)
        assert status == 403 and "own address" in text


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_foreign_origin_is_refused(served, origin):
    origin = origin.format(port=served.studio.port)
    with pytest.raises(InvalidStatus) as refused, served.connect(origin):
        pass
    assert refused.value.response.status_code == 403 and b"own page" in refused.value.response.body
    status, text, _ = served.get(
        "/log", "POST", b"time,radar\n", Origin=origin, X_Foglight_Token=served.studio.token
    )
    assert status == 403 and "own page" in text


def test_a_socket_without_an_origin_is_refused(served):
    with pytest.raises(InvalidStatus), client.connect(f"ws://{served.host}/live", proxy=None):
        pass


@pytest.mark.parametrize(
    "first", ['{"token": "wrong"}', "{}", "", "[]", '{"token": null}', '{"token": 1}', '{"do": "undo"}']
)
def test_a_socket_without_the_token_is_closed(served, first):
    with served.connect() as link:
        link.send(first)
        with pytest.raises(ConnectionClosed) as closed:
            link.recv(timeout=20)
        assert closed.value.rcvd.code == 4403 and "token" in closed.value.rcvd.reason


def test_what_is_too_long_is_refused(served):
    with served.connect() as link:
        link.send("x" * 70_000)
        with pytest.raises(ConnectionClosed) as closed:
            link.recv(timeout=20)
        assert closed.value.rcvd is None or closed.value.rcvd.code == 1009


def test_an_upload_is_checked(served, monkeypatch):
    right = {"Origin": f"http://{served.host}", "X_Foglight_Token": served.studio.token}
    status, text, _ = served.get("/log", "POST", b"x", Origin=right["Origin"], X_File_Name="x.csv")
    assert status == 403 and "token" in text
    status, text, _ = served.get("/log", "POST", b"x", **right, X_File_Name="evil.py")
    assert status == 400 and "expected a CSV or Parquet file" in text
    status, text, _ = served.get("/log", "POST", b"time,radar\n0,x\n", **right, X_File_Name="x.csv")
    assert status == 400 and "'x'" in text and "/foglight" not in text
    monkeypatch.setattr("foglight.pictures.studio.dropped_log.LARGEST", 1_000)
    status, text, _ = served.get(
        "/log", "POST", b"time,radar\n" + b"1,2\n" * 500, **right, X_File_Name="x.csv"
    )
    assert status == 400 and "more than 1,000 bytes" in text
    pieces = (b"1,2\n" * 100 for _ in range(10))
    status, text, _ = served.get(
        "/log", "POST", pieces, **right, X_File_Name="x.csv", Transfer_Encoding="chunked"
    )
    assert status == 400 and "more than 1,000 bytes" in text


def test_nothing_else_is_there(served):
    for path in (
        "/built.json",
        "/../page.js",
        "/page.js/../../server.py",
        "/etc/passwd",
        "/%2e%2e/pyproject.toml",
        "//",
        "/docs",
    ):
        status, text, _ = served.get(path)
        assert status in (403, 404) and "URL that" in text, path
    for method in ("POST", "PUT", "DELETE", "TRACE", "OPTIONS"):
        assert served.get("/", method)[0] == 403
    assert served.get("/log")[0] in (404, 405)


def test_a_tab_moves_a_slider_and_all_tabs_see_it(served):
    one, two = served.tab(), served.tab()
    assert one.first["whole"] and one.first["page"]["sections"][0]["id"] == "states"
    (part,) = one.ask(do="set", parameter="motion.std", value=0.5, held=True, view=["states"])
    assert not part["whole"] and [s["id"] for s in part["page"]["sections"]] == ["states"]
    (page,) = one.ask(do="set", parameter="motion.std", value=0.6)
    seen = two.next("page")
    while not seen["whole"]:
        seen = two.next("page")
    assert seen["state"] == page["state"] and seen["state"]["sliders"][0]["value"] == pytest.approx(0.6)
    given = lesson()
    expected = fog.run(given.model.with_parameters({"motion.std": 0.6**0.5}), given.log)
    assert page["state"]["loglik"] == pytest.approx(expected.loglik, rel=1e-12)
    block = next(one for one in page["page"]["sections"][0]["blocks"] if one["kind"] == "lines")
    curve = next(one for one in block["series"] if one["name"] == "filtered")
    np.testing.assert_allclose(
        page["page"]["columns"][curve["y"]]["data"], expected.filtered.mean[:, 0], rtol=1e-6
    )
    (page,) = two.ask(do="undo")
    assert page["state"]["sliders"][0]["value"] == pytest.approx(0.16)
    one.link.close()
    two.link.close()


def test_bad_messages_leave_the_tab_open(served):
    tab = served.tab()
    for text in (
        "no json",
        "[]",
        "3",
        '{"do": "dance"}',
        '{"do": "set", "parameter": "__proto__", "value": 1}',
    ):
        tab.link.send(text)
        answer = tab.next("said")
        assert answer["bad"] and answer["text"].endswith(".")
    tab.link.send(b"\x00\x01")
    assert tab.next("said")["bad"]
    assert tab.ask(do="python")[-1]["text"].startswith("import foglight")
    tab.link.close()


def test_auto_tune_reports_and_ends(served):
    tab = served.tab()
    tab.ask(do="tune")
    answer = tab.next("tuned")
    fit = fog.tune(lesson().model, lesson().log, heldout=False)
    found = {row["parameter"]: row["value"] ** 0.5 for row in answer["parameters"]}
    assert found == pytest.approx(fit.params, rel=1e-4)
    glided = []
    while not glided or glided[-1] != pytest.approx(fit.params["radar.std"] ** 2, rel=1e-4):
        glided.append(tab.next("page")["state"]["sliders"][1]["value"])
    assert len(glided) > 1
    (page,) = tab.ask(do="undo")
    assert page["state"]["sliders"][1]["value"] == pytest.approx(1.0)
    tab.link.close()


def test_a_dropped_log_reaches_the_tabs(served):
    tab = served.tab()
    given = lesson()
    rows = "".join(
        f"{t / 10},{z}\n" for t, z in enumerate(given.log.bind(given.model)[:40, 0]) if np.isfinite(z)
    )
    status, text, _ = served.get(
        "/log", "POST", ("time,radar\n" + rows).encode(), Origin=f"http://{served.host}",
        X_Foglight_Token=served.studio.token, X_File_Name="%3Cb%3E.csv",
    )  # fmt: skip
    assert (status, text) == (200, "")
    page = tab.next("page")
    assert page["page"]["facts"][0] == "<b>.csv" and page["page"]["facts"][1] == f"{rows.count(chr(10))} rows"
    tab.link.close()


def test_it_ends_when_the_last_tab_is_closed():
    served = Served(grace=0.2)
    one, two = served.tab(), served.tab()
    one.link.close()
    time.sleep(0.6)
    assert served.thread.is_alive()
    two.link.close()
    reloaded = served.tab()  # within the grace
    time.sleep(0.6)
    assert served.thread.is_alive()
    reloaded.ask(do="tune")  # a search that is under way does not keep it alive
    reloaded.link.close()
    served.thread.join(20)
    assert not served.thread.is_alive()


def test_a_port_in_use_is_passed_over():
    with bound(_free_port()) as first:
        port = first.getsockname()[1]
        with bound(port) as second:
            assert port < second.getsockname()[1] <= port + 50
    with pytest.raises(DataError, match="--port"), socket.socket() as taken:
        taken.bind(("127.0.0.1", 65_535))
        taken.listen()
        bound(65_535)


def test_missing_packages_name_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "starlette", None)
    with pytest.raises(FoglightError, match=r"pip install 'foglight\[studio\]'"):
        server_module.need_packages()
    answer = CliRunner().invoke(main, ["studio", "--no-browser"])
    assert answer.exit_code == 2 and "foglight[studio]" in answer.stderr and "Traceback" not in answer.stderr


def test_the_command_prints_the_url_and_ends(monkeypatch):
    monkeypatch.setattr(Studio, "run", lambda self: self.socket.close())
    with bound(_free_port()) as taken:
        port = taken.getsockname()[1]
        answer = CliRunner().invoke(main, ["studio", "--no-browser", "--port", str(port)])
    assert answer.exit_code == 0, answer.stderr
    first, second, *_ = answer.stdout.splitlines()
    assert first.startswith(f"Port {port} is in use: this studio is at port ")
    assert second.startswith("Studio: http://127.0.0.1:") and len(second.partition("token=")[2]) > 40
    assert CliRunner().invoke(main, ["studio", "model.toml"]).exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="signals differ elsewhere")
def test_it_ends_on_ctrl_c():
    command = [sys.executable, "-c", "from foglight.cli.main import main; main()", "studio", "--no-browser"]
    with subprocess.Popen(
        [*command, "--port", str(_free_port())], stdout=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().removeprefix("Studio: ").strip()
        assert url.startswith("http://127.0.0.1:")
        assert "Ctrl-C" in process.stdout.readline()
        port = int(url.split(":")[2].split("/")[0])
        with client.connect(
            f"ws://127.0.0.1:{port}/live", origin=f"http://127.0.0.1:{port}", proxy=None
        ) as link:
            link.send(json.dumps({"token": url.partition("token=")[2]}))
            assert read(link.recv(timeout=20))["is"] == "page"
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=20)
    assert process.returncode == 0 and rest.strip() == "The studio has ended."
