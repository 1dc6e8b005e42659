/** One line of a chart. */
export interface Series {
  name: string;
  points: { x: number; y: number }[];
}

/** How a line is told apart: by colour and by its dashes, so that either is enough. */
export interface SeriesStyle {
  colour: string;
  dashes: string;
}

/** Colours that the sheet knows, lighter on a dark ground. */
const colours = 8;
const dashes = ['', '7 3', '2 3', '9 3 2 3', '4 2'];

/** The style of the n-th line. */
export function styleOf(position: number): SeriesStyle {
  return {
    colour: `var(--mlops-series-${position % colours})`,
    dashes: dashes[position % dashes.length],
  };
}

/** All places where some line has a point, in order. */
export function placesOf(series: Series[]): number[] {
  const all = series.flatMap(item => item.points.map(point => point.x));
  return [...new Set(all)].sort((a, b) => a - b);
}

/** Lowest and highest value, apart from each other even when all are equal. */
export function rangeOf(values: number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (low < high) return [low, high];
  const around = Math.abs(low) * 0.1 || 0.5;
  return [low - around, low + around];
}

/** The value of a line at a place, when it has one there. */
export function valueAt(series: Series, x: number): number | undefined {
  return series.points.find(point => point.x === x)?.y;
}
