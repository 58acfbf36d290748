"""The rows of the benchmark, by subject. Each function takes an Effort and gives the tables it measured."""
