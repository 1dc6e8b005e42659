/** Wilson's 95 % interval of a share (Wilson 1927). With no example everything is possible. */
export function wilson(
  hits: number,
  all: number,
): { lower: number; upper: number } {
  if (all === 0) return { lower: 0, upper: 1 };
  const z = 1.959964;
  const share = hits / all;
  const scale = 1 + (z * z) / all;
  const middle = (share + (z * z) / (2 * all)) / scale;
  const half =
    (z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all))) /
    scale;
  return {
    lower: Math.max(0, middle - half),
    upper: Math.min(1, middle + half),
  };
}
