/* Go's layouts: which parts of a text stand for parts of a time. Source: nextStdChunk of Go's src/time/format.go. */

/** The parts that a layout can have; a fraction of a second comes with its dot. */
const part = new RegExp(
  [
    'January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|_2(?!006)|__2|002',
    '01|02|03|04|05|06|15|1|2|3|4|5|PM|pm',
    'Z07:00:00|Z070000|Z07:00|Z0700|Z07',
    '-07:00:00|-070000|-07:00|-0700|-07',
    '[.,](?:0+|9+)(?!\\d)',
  ].join('|'),
  'g',
);

/** A part of a layout: what stands for a part of a time, or a text as it is. */
export interface LayoutPart {
  text: string;
  isTime: boolean;
}

export function partsOf(layout: string): LayoutPart[] {
  const parts: LayoutPart[] = [];
  let at = 0;
  const plain = (to: number) => {
    if (to > at) parts.push({ text: layout.slice(at, to), isTime: false });
  };
  for (const match of layout.matchAll(part)) {
    plain(match.index);
    parts.push({ text: match[0], isTime: true });
    at = match.index + match[0].length;
  }
  plain(layout.length);
  return parts;
}
