"""The version number, read by the build and by the code that writes files."""

__version__ = "0.1.0"
