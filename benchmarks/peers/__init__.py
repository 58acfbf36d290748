"""One module per library. Each has the functions it can serve, of these:

online(Linear), series(Linear), batch(Linear), ekf(Turning), ukf(Turning | Linear): each returns a Contender.
"""
