"""A radar measures range and bearing. How uncertain can the bearing be before an EKF misplaces the target?

The same Gaussian in range and bearing, 100 m away, is transformed to the plane with a larger and larger standard
deviation of the bearing. Run it: python examples/curved/how_curved.py
"""

import numpy as np

import foglight as fog


def to_plane(x):
    return [x.range * np.cos(x.bearing), x.range * np.sin(x.bearing)]


print("bearing std   true distance   EKF    UKF    CKF  (off, in standard deviations, mean or spread)")
for degrees in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0):
    polar = fog.Belief([100.0, 0.0], std=[1.0, np.radians(degrees)], names=("range", "bearing"))
    pushed = fog.push(polar, to_plane)
    off = [f"{moments.worst:5.2f}" for moments in pushed.methods.values()]
    print(f"{degrees:8.1f} deg   {pushed.true.mean[0]:9.2f} m   {'  '.join(off)}")
