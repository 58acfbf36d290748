"""Many series as a stream of Arrow record batches: `fog.batches`."""
