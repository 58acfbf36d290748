"""Pictures of results: `fog.plot`, and what every picture shares, its colours and how long series are thinned."""
