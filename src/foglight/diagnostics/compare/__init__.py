"""One log, several filters: what each makes of it, how far the functions bend, and which filter to use."""
