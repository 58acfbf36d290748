"""Parameters from data: how large the noise is, how fast things turn, by maximum likelihood."""
