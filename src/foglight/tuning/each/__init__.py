"""Many series, each with parameters of its own, that are tuned side by side."""
