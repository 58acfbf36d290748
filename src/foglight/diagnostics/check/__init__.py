"""Whether a filter is consistent: its innovations and errors against what it states of them, and what to change."""
