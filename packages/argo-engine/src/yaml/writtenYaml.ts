/*
 * YAML files as people write them, by the thousand: for the proof that an edit changes nothing but its place. The writer knows which
 * lines every value takes, without any parser.
 */
import type { FieldPath } from './fieldPath';

/** A value of a written file and its lines, from 0, both inclusive; from the key or dash to the last that is said. */
export interface WrittenPlace {
  at: FieldPath;
  kind: 'scalar' | 'map' | 'list' | 'alias';
  flow: boolean;
  first: number;
  last: number;
  /** Items or keys. */
  size: number;
}

/** @see writeYaml */
export interface WrittenYaml {
  text: string;
  places: WrittenPlace[];
}

type Random = (below: number) => number;

/** Numbers that follow from a seed. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const scalars = [
  'word',
  'two words',
  "'single ''quoted'''",
  '"double \\"quoted\\" \\u00e9"',
  '12',
  '0.50',
  'true',
  '~',
  'null',
  "''",
  'http://x.example/a?b=c#d',
  "'{{workflow.parameters.rate}}'",
  '--flag=x',
  '🎃',
  '0x1F',
  '2026-01-02',
];
const flowScalars = scalars.filter(text => !text.includes('{{') || true);
const plainKeys = ['name', 'value', 'spec', 'args', 'epochs', 'a', 'kind'];
const comments = ['# why', '# a: 1', "# it's", '#', '# - x, [y'];

/** One file by a seed. */
export function writeYaml(seed: number): WrittenYaml {
  return new Writer(randomOf(seed)).file();
}

class Writer {
  private readonly lines: string[] = [];
  private readonly places: WrittenPlace[] = [];
  private readonly anchors: string[] = [];
  private readonly step: number;
  private readonly dash: number;

  constructor(private readonly random: Random) {
    this.step = this.one([2, 2, 2, 4]);
    this.dash = this.one([0, this.step]);
  }

  file(): WrittenYaml {
    if (this.chance(4)) this.lines.push('# The file.', '');
    const marked = this.chance(3);
    if (marked) this.lines.push(this.one(['---', '--- # start']));
    if (this.chance(6)) this.list([], 0, 0);
    else this.map([], 0, 0);
    if (this.chance(4)) this.lines.push('', '# The end.');
    if (marked && this.chance(2)) this.lines.push('...');
    const eol = this.chance(3) ? '\r\n' : '\n';
    const end = this.chance(6) ? '' : eol;
    const bom = this.chance(5) ? '\uFEFF' : '';
    return { text: bom + this.lines.join(eol) + end, places: this.places };
  }

  private one<T>(of: T[]): T {
    return of[this.random(of.length)];
  }

  private chance(oneIn: number): boolean {
    return this.random(oneIn) === 0;
  }

  private around(column: number) {
    if (this.chance(8)) this.lines.push('');
    if (this.chance(8)) this.lines.push(' ');
    if (this.chance(6))
      this.lines.push(`${' '.repeat(column)}${this.one(comments)}`);
  }

  private after(): string {
    return this.one([
      '',
      '',
      '',
      ' ',
      '\t',
      ` ${this.one(comments)}`,
      `\t# tab`,
    ]);
  }

  private keys(): string[] {
    const count = 1 + this.random(4);
    const all = [...plainKeys, '"quoted key"', "'on'", 'with space', 'é'];
    return Array.from(
      { length: count },
      () => all.splice(this.random(all.length), 1)[0],
    );
  }

  private map(at: FieldPath, column: number, depth: number, head?: string) {
    const keys = this.keys();
    keys.forEach((key, index) => {
      const inline = index === 0 && head !== undefined;
      if (!inline) this.around(column);
      const begin = inline ? head : ' '.repeat(column);
      const name = key.replace(/^['"]|['"]$/g, '');
      this.value([...at, name], `${begin}${key}:`, column, depth, false);
    });
    return keys.length;
  }

  private list(at: FieldPath, column: number, depth: number) {
    const count = 1 + this.random(3);
    for (let index = 0; index < count; index++) {
      this.around(column);
      this.value([...at, index], `${' '.repeat(column)}-`, column, depth, true);
    }
    return count;
  }

  // The head is all of the line before the value.
  private value(
    at: FieldPath,
    head: string,
    column: number,
    depth: number,
    item: boolean,
  ) {
    const first = this.lines.length;
    const place: WrittenPlace = {
      at,
      kind: 'scalar',
      flow: false,
      first,
      last: first,
      size: 0,
    };
    this.places.push(place);
    const choice = this.random(depth > 3 ? 8 : 14);
    const anchor = this.chance(9) ? ` &a${this.anchors.length}` : '';
    if (choice === 0 && this.anchors.length > 0) {
      place.kind = 'alias';
      this.lines.push(`${head} *${this.one(this.anchors)}${this.after()}`);
    } else if (choice === 1) this.flow(place, head + anchor, column);
    else if (choice === 2) this.block(head + anchor, column, item);
    else if (choice === 3) this.lines.push(head + anchor + this.after());
    else if (choice <= 7 || depth > 3)
      this.lines.push(`${head}${anchor} ${this.one(scalars)}${this.after()}`);
    else if (choice <= 11) {
      place.kind = 'map';
      if (item && !anchor && this.chance(2))
        place.size = this.map(at, column + 2, depth + 1, `${head} `);
      else {
        this.lines.push(head + anchor + this.after());
        place.size = this.map(at, column + (item ? 2 : this.step), depth + 1);
      }
    } else {
      place.kind = 'list';
      this.lines.push(head + anchor + this.after());
      place.size = this.list(at, column + (item ? 2 : this.dash), depth + 1);
    }
    // Open until its last value is written, so that no alias stands in what it names.
    if (anchor && choice !== 0) this.anchors.push(anchor.slice(2));
    place.last = this.lines.length - 1;
    for (; this.lines[place.last].trim() === ''; place.last--);
  }

  private block(head: string, column: number, item: boolean) {
    const indent = ' '.repeat(column + (item ? 2 : this.step));
    const header = this.one(['|', '|-', '>', '>-', '|+', '| # said']);
    this.lines.push(`${head} ${header}`);
    const body = this.one([
      ['echo one', 'echo two'],
      ['# no comment', '', '  more', 'last: 1'],
      ['one line'],
    ]);
    for (const line of body) this.lines.push(line && indent + line);
  }

  private flow(place: WrittenPlace, head: string, column: number) {
    place.kind = this.one(['map', 'list']);
    place.flow = true;
    const count = this.random(4);
    place.size = count;
    const [open, close] = place.kind === 'map' ? ['{', '}'] : ['[', ']'];
    const pad = this.one(['', ' ']);
    const over = count > 0 && this.chance(3);
    const gap = ' '.repeat(column + 2 + this.step);
    const items = Array.from({ length: count }, (_, index) => {
      const text = this.one(flowScalars);
      return place.kind === 'map' ? `k${index}: ${text}` : text;
    });
    const inner: WrittenPlace[] = items.map((_, index) => ({
      at: [...place.at, place.kind === 'map' ? `k${index}` : index],
      kind: 'scalar',
      flow: true,
      first: this.lines.length + (over ? 1 + index : 0),
      last: this.lines.length + (over ? 1 + index : 0),
      size: 0,
    }));
    this.places.push(...inner);
    if (!over) {
      const comma = count > 0 && this.chance(5) ? ',' : '';
      this.lines.push(
        `${head} ${open}${pad}${items.join(
          ', ',
        )}${comma}${pad}${close}${this.after()}`,
      );
      return;
    }
    this.lines.push(`${head} ${open}`);
    items.forEach((text, index) => {
      const comma = index < count - 1 || this.chance(2) ? ',' : '';
      this.lines.push(`${gap}${text}${comma}${this.one(['', '', ' # c, d'])}`);
    });
    this.lines.push(`${' '.repeat(column + this.step)}${close}${this.after()}`);
  }
}
