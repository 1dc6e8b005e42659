/* JSON as Go's decoder reads it: the spelling of numbers is kept, and faults are told in its words. */

/** One value of a JSON text. */
export interface JsonItem {
  kind: 'string' | 'number' | 'boolean' | 'null' | 'list' | 'map';
  /** Its text, without blanks. */
  raw: string;
  value: unknown;
  /** Of a map: keys and their values. */
  entries?: [string, JsonItem][];
  /** Of a list. */
  items?: JsonItem[];
}

/** A fault as Go tells it. */
export class JsonFault extends Error {}

/** The items of a JSON list, or undefined when the text is another JSON value. JsonFault when it is none. */
export function readJsonList(text: string): JsonItem[] | undefined {
  const reader = new Reader(text);
  const top = reader.whole();
  return top.items;
}

/** One JSON value. JsonFault when the text is none. */
export function readJson(text: string): JsonItem {
  return new Reader(text).whole();
}

/** Names a JSON value as Go's `UnmarshalTypeError` does. */
export const goKind = (kind: JsonItem['kind']) =>
  ({
    string: 'string',
    number: 'number',
    boolean: 'bool',
    null: 'null',
    list: 'array',
    map: 'object',
  }[kind]);

const deepest = 1000;

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  whole(): JsonItem {
    const value = this.value('beginning of value');
    this.blank();
    if (this.at < this.text.length) this.unexpected('after top-level value');
    return value;
  }

  private blank(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? '-')) this.at += 1;
  }

  // Go reads bytes: of a character that has several, the first is the one it names.
  private unexpected(where: string): never {
    if (this.at >= this.text.length)
      throw new JsonFault('unexpected end of JSON input');
    const char = String.fromCodePoint(this.text.codePointAt(this.at)!);
    const first = String.fromCharCode(new TextEncoder().encode(char)[0]);
    const shown =
      first === "'" ? `'\\''` : first === '"' ? `'"'` : `'${escaped(first)}'`;
    throw new JsonFault(`invalid character ${shown} ${where}`);
  }

  private value(looking: string): JsonItem {
    this.blank();
    const char = this.text[this.at];
    if (char === '[') return this.list();
    if (char === '{') return this.map();
    if (char === '"') {
      const raw = this.string();
      return { kind: 'string', raw, value: JSON.parse(raw) };
    }
    if (char === '-' || (char >= '0' && char <= '9')) return this.number();
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const)
      if (char === word[0]) return this.literal(word, value);
    return this.unexpected(`looking for ${looking}`);
  }

  private literal(word: string, value: unknown): JsonItem {
    for (let i = 0; i < word.length; i++) {
      if (this.text[this.at] !== word[i])
        this.unexpected(`in literal ${word} (expecting '${word[i]}')`);
      this.at += 1;
    }
    return { kind: value === null ? 'null' : 'boolean', raw: word, value };
  }

  private number(): JsonItem {
    const found = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/.exec(
      this.text.slice(this.at, this.at + 400),
    );
    if (!found) {
      this.at += 1;
      return this.unexpected('in numeric literal');
    }
    this.at += found[0].length;
    return { kind: 'number', raw: found[0], value: Number(found[0]) };
  }

  private string(): string {
    const start = this.at;
    for (this.at += 1; ; this.at += 1) {
      const char = this.text[this.at];
      if (char === undefined)
        throw new JsonFault('unexpected end of JSON input');
      if (char === '"') break;
      if (char < ' ') this.unexpected('in string literal');
      if (char !== '\\') continue;
      this.at += 1;
      const next = this.text[this.at];
      if (next === 'u') {
        if (!/^[0-9a-fA-F]{4}/.test(this.text.slice(this.at + 1, this.at + 5)))
          this.unexpected('in \\u hexadecimal character escape');
        this.at += 4;
      } else if (next === undefined || !'"\\/bfnrt'.includes(next))
        this.unexpected('in string escape code');
    }
    this.at += 1;
    return this.text.slice(start, this.at);
  }

  private enter(): void {
    this.depth += 1;
    if (this.depth > deepest) throw new JsonFault('exceeded max depth');
    this.at += 1;
    this.blank();
  }

  private list(): JsonItem & { items: JsonItem[] } {
    this.enter();
    const items: JsonItem[] = [];
    if (this.text[this.at] !== ']')
      for (;;) {
        items.push(this.value('beginning of value'));
        this.blank();
        if (this.text[this.at] === ']') break;
        if (this.text[this.at] !== ',') this.unexpected('after array element');
        this.at += 1;
      }
    this.at += 1;
    this.depth -= 1;
    return {
      kind: 'list',
      raw: `[${items.map(item => item.raw).join(',')}]`,
      value: items.map(item => item.value),
      items,
    };
  }

  private map(): JsonItem {
    this.enter();
    const entries: [string, JsonItem][] = [];
    if (this.text[this.at] !== '}')
      for (;;) {
        this.blank();
        if (this.text[this.at] !== '"')
          this.unexpected('looking for beginning of object key string');
        const key = this.string();
        this.blank();
        if (this.text[this.at] !== ':') this.unexpected('after object key');
        this.at += 1;
        entries.push([key, this.value('beginning of value')]);
        this.blank();
        if (this.text[this.at] === '}') break;
        if (this.text[this.at] !== ',')
          this.unexpected('after object key:value pair');
        this.at += 1;
      }
    this.at += 1;
    this.depth -= 1;
    return {
      kind: 'map',
      raw: `{${entries.map(([key, item]) => `${key}:${item.raw}`).join(',')}}`,
      value: Object.fromEntries(
        entries.map(([key, item]) => [JSON.parse(key), item.value]),
      ),
      entries: entries.map(([key, item]) => [JSON.parse(key), item]),
    };
  }
}

function escaped(char: string): string {
  return { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }[char] ?? char;
}
