"""Bad input: each refused with the field, the value and a remedy, and nothing done."""
