"""The colours of every picture, each with one meaning throughout.

They are those of Okabe & Ito (2008), which people with any colour vision can tell apart; they are seen on white and on
black.
"""

BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7"
GREY = "#888888"

MEASURED = ORANGE
PREDICTED = SKY
FILTERED = BLUE
SMOOTHED = GREEN
TRUTH = PURPLE
WRONG = VERMILION
BOUND = GREY

SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, GREY)  # for lines that have no meaning of their own


def of_series(k: int) -> str:
    """The colour of the line number k, from 0 on; they repeat."""
    return SERIES[k % len(SERIES)]
