"""One answer from every method, form and peer, and the numbers that others have published."""
