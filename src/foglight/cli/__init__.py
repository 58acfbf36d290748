"""The command line: one module for each of the longer commands, and what they share."""
