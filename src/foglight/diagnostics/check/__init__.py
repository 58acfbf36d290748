"""Whether a filter is honest: its innovations and errors against what it says of them, and what to change."""
