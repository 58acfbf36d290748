"""A child that is forked while other threads compile models can compile and filter as well."""

import os
import subprocess
import sys

import pytest

CHILDREN = 8
SCRIPT = """
import os, signal, sys, threading, time
import numpy as np
import foglight as fog

def filter_one(n):
    A = 0.1 * np.arange(n * n).reshape(n, n) / n + 0.5 * np.eye(n)
    start = fog.Belief(np.zeros(n), std=np.ones(n))
    model = fog.linear_model(A, np.eye(n), np.eye(n)[:1], 1.0, start=start)
    return fog.run(model, fog.Log.regular(np.ones(20), dt=1.0)).loglik

def compile_on():
    while not stop.is_set():
        filter_one(4)

expected, stop, done = filter_one(3), threading.Event(), 0
threads = [threading.Thread(target=compile_on, daemon=True) for _ in range(2)]
for thread in threads:
    thread.start()
for k in range(int(sys.argv[1])):
    time.sleep(0.003 * k)
    child = os.fork()
    if child == 0:
        signal.alarm(20)  # ends a child that waits for ever
        os._exit(0 if filter_one(3) == expected else 1)
    done += os.waitpid(child, 0)[1] == 0
stop.set()
for thread in threads:
    thread.join()
print(done)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_children_forked_while_threads_compile_filter_too() -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SCRIPT, str(CHILDREN)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.stdout.strip() == str(CHILDREN), done.stderr
