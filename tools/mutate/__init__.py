"""Mutation testing of Foglight: small planted defects, and whether any test notices."""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_name] = "1"  # before NumPy is imported: a process that forks has one thread
