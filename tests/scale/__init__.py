"""Tests on clusters that start on this machine: `make scale`."""
