/** Wilson's 95 % interval of a share. Source: Wilson 1927. */
export function wilson(
  right: number,
  all: number,
): { lower: number; upper: number } {
  if (all === 0) return { lower: 0, upper: 1 };
  const z = 1.959964;
  const share = right / all;
  const middle = (share + (z * z) / (2 * all)) / (1 + (z * z) / all);
  const half =
    (z / (1 + (z * z) / all)) *
    Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  return {
    lower: Math.max(0, middle - half),
    upper: Math.min(1, middle + half),
  };
}
