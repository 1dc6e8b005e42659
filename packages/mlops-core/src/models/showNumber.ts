/** A figure in a sentence: six digits, without zeros at the end. */
export const showNumber = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);

/** Two figures that are compared: with all digits when six would not tell them apart. */
export function showPair(a: number, b: number): [string, string] {
  const shown: [string, string] = [showNumber(a), showNumber(b)];
  return shown[0] === shown[1] && a !== b ? [String(a), String(b)] : shown;
}
