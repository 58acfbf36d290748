"""One module per library. Each has the functions it can serve, of these:

online(Linear), series(Linear), batch(Linear), smoother(Linear), draws(Linear, count), ekf(Turning | Ring) and
ukf(Turning | Ring | Linear): each returns a Contender. `covariance` is no library, but what anyone writes in NumPy.
"""
