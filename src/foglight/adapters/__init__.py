"""Foglight's models with the interfaces of other libraries."""
