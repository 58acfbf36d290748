// The mark of a reading that a gate rejected: a hollow cross, as the plots in Python draw it.

const ARM = 0.36; // half the width of an arm, of the radius

/** Add the outline of a cross with this radius to a path. */
export function addCross(path: { moveTo: Path2D["moveTo"]; lineTo: Path2D["lineTo"]; closePath: Path2D["closePath"] }, x: number, y: number, radius: number): void {
  const near = ARM * radius; // where two arms meet, from the middle
  const far = radius - near;
  const corners: [number, number][] = [[0, near], [far, radius], [radius, far], [near, 0], [radius, -far], [far, -radius],
    [0, -near], [-far, -radius], [-radius, -far], [-near, 0], [-radius, far], [-far, radius]];
  corners.forEach(([dx, dy], k) => (k === 0 ? path.moveTo(x + dx, y + dy) : path.lineTo(x + dx, y + dy)));
  path.closePath();
}
