"""References that share no code with the library: slow, plain, and right."""
