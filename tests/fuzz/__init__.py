"""Inputs nobody thought of: random sequences of calls, broken models, damaged files, generated C under sanitizers."""
