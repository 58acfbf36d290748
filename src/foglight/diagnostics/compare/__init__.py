"""Several filters on one log: their results, how far the functions bend, and which filter to use."""
