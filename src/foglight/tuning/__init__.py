"""Parameters from data, such as the size of a noise or a time constant, by maximum likelihood."""
