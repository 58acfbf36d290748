"""Filters for computers without Python: C sources, their header, and a test of them on the target."""
