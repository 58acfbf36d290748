"""A filter that is fed as readings come in: one step at a time, late data inserted, saved and restored."""
