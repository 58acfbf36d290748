"""Readings that no model explains: sentinels, stuck runs, outliers and steps, found before the model is judged."""
