"""Explanations that lie in the readings: other units, swapped components, a late sensor. One kind a file."""
