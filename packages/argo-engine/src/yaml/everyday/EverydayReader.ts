/*
 * Block collections, flow collections and scalars, by one cursor over the text. Every rule here is narrower than YAML's: where the
 * language would allow more, or a fault would have to be told, it gives up.
 */
import { Anchors } from './Anchors';
import { blockScalar, firstInk } from './blockScalar';
import { giveUp, plainValue, quotedValue } from './scalars';

/** Where the fields of a collection stand: offsets of its keys, or of its items. */
export type Places = Map<object, Map<string, number> | number[]>;

const blockKey =
  /(?:[\w$./](?:[^\s:#]|[ :](?=[^\s:#]))*|"[^"\\\n]*"|'[^'\n]*'):(?=[ \n])/y;
const flowPlain =
  /(?:[^\s,[\]{}:#&*!|>'"%@`?-]|-(?=[^\s,[\]{}:]))(?:[^\n,[\]{}:#]|:(?=[^\s,[\]{}:]))*/y;
const quoted = {
  '"': /"([^"\\\n]*(?:\\.[^"\\\n]*)*)"/y,
  "'": /'([^'\n]*(?:''[^'\n]*)*)'/y,
};
const maxKey = 1_000;
const maxDepth = 24;

export class EverydayReader {
  private pos = 0;
  private lineStart = 0;
  /** Of the first ink in the line that comes next; -1 at the end. */
  private column = 0;
  private depth = 0;
  private readonly anchors: Anchors;

  constructor(private readonly text: string, private readonly places?: Places) {
    this.anchors = new Anchors(text);
  }

  /** The one value of the text, and where it begins. */
  read(from: number): { value: unknown; start: number } {
    this.pos = from;
    this.toContent();
    if (this.column < 0 || this.text[this.pos] === '&') giveUp();
    const start = this.pos;
    const value = this.nested(-1);
    return this.column < 0 ? { value, start } : giveUp();
  }

  /** From the beginning of a line to the next ink that is no comment. */
  private toContent(): void {
    const { text } = this;
    for (;;) {
      const ink = firstInk(text, this.pos);
      if (ink >= text.length) {
        this.column = -1;
        this.pos = text.length;
        return;
      }
      if (text[ink] !== '\n' && text[ink] !== '#') {
        this.lineStart = this.pos;
        this.column = ink - this.pos;
        this.pos = ink;
        return;
      }
      this.pos = this.lineEnd(ink) + 1;
    }
  }

  private lineEnd(from: number): number {
    const end = this.text.indexOf('\n', from);
    return end < 0 ? this.text.length : end;
  }

  /** Over the rest of a line, which may hold a comment alone. */
  private endLine(): void {
    const ink = firstInk(this.text, this.pos);
    const mark = this.text[ink];
    if (mark === '#' ? ink === this.pos : mark !== '\n' && mark !== undefined)
      giveUp();
    this.pos = this.lineEnd(ink) + 1;
    this.toContent();
  }

  private atDash(): boolean {
    return this.text[this.pos] === '-' && this.text[this.pos + 1] === ' ';
  }

  private atKey(): boolean {
    blockKey.lastIndex = this.pos;
    return blockKey.test(this.text);
  }

  /** A value that begins a line, deeper than the collection around it. */
  private nested(indent: number): unknown {
    if (this.atDash()) return this.list(this.column);
    if (this.atKey()) return this.map(this.column);
    const mark = this.text[this.pos];
    return mark === '|' || mark === '>' ? giveUp() : this.scalar(indent);
  }

  private map(indent: number): object {
    this.enter();
    const found: Record<string, unknown> = {};
    const at = this.places && new Map<string, number>();
    if (at) this.places!.set(found, at);
    while (this.column === indent) {
      const start = this.pos;
      const key = this.key();
      if (key in found) giveUp();
      at?.set(key, start);
      found[key] = this.valueOfKey(indent);
    }
    return this.leave(found, indent);
  }

  private key(): string {
    blockKey.lastIndex = this.pos;
    const [match] = blockKey.exec(this.text) ?? giveUp();
    this.pos += match.length;
    if (match.length > maxKey) giveUp();
    const quote = match[0];
    if (quote === '"' || quote === "'") return match.slice(1, -2);
    return asKey(match.slice(0, -1));
  }

  private valueOfKey(indent: number): unknown {
    const ink = firstInk(this.text, this.pos);
    if (this.text[ink] !== '\n' && this.text[ink] !== '#') {
      this.pos = ink;
      return this.scalar(indent);
    }
    this.endLine();
    if (this.column > indent) return this.nested(indent);
    return this.column === indent && this.atDash() ? this.list(indent) : null;
  }

  // `&name value`, or `&name` and the value in the next line; as an item it stands where the value does.
  private anchored(indent: number, at?: number[]): unknown {
    return this.anchors.keep(this.pos, length => {
      this.pos = firstInk(this.text, this.pos + length);
      const below = this.text[this.pos] === '\n';
      if (below) this.endLine();
      // One value has one name.
      if (this.text[this.pos] === '&') giveUp();
      if (at) at[at.length - 1] = this.pos;
      if (!below)
        return this.atKey() || this.atDash() ? giveUp() : this.scalar(indent);
      return this.column > indent ? this.nested(indent) : giveUp();
    });
  }

  private list(indent: number): unknown[] {
    this.enter();
    const found: unknown[] = [];
    const at: number[] | undefined = this.places && [];
    if (at) this.places!.set(found, at);
    while (this.column === indent && this.atDash()) {
      this.pos = firstInk(this.text, this.pos + 1);
      at?.push(this.pos);
      found.push(this.item(indent, at));
    }
    return this.leave(found, indent);
  }

  private item(indent: number, at?: number[]): unknown {
    this.column = this.pos - this.lineStart;
    if (this.atDash()) return this.list(this.column);
    return this.atKey() ? this.map(this.column) : this.scalar(indent, at);
  }

  private enter(): void {
    if (++this.depth > maxDepth) giveUp();
  }

  private leave<T>(found: T, indent: number): T {
    this.depth -= 1;
    return this.column > indent ? giveUp() : found;
  }

  /** Anything that begins in the line of its key or dash, or alone in the next; the line ends after it. */
  private scalar(indent: number, at?: number[]): unknown {
    const mark = this.text[this.pos];
    if (mark === '&') return this.anchored(indent, at);
    if (mark === '|' || mark === '>') {
      const { value, end } = blockScalar(this.text, this.pos, indent);
      this.pos = end;
      this.toContent();
      return this.column > indent ? giveUp() : value;
    }
    const value = this.inLine(mark, indent);
    this.endLine();
    // It would go on there.
    return this.column > indent ? giveUp() : value;
  }

  private inLine(mark: string, indent: number): unknown {
    if (mark === '[' || mark === '{') return this.flow(indent);
    if (mark === '*') {
      const { value, length } = this.anchors.resolve(this.pos);
      this.pos += length;
      return value;
    }
    return mark === '"' || mark === "'" ? this.quoted(mark) : this.plain();
  }

  private plain(): unknown {
    const line = this.text.slice(this.pos, this.lineEnd(this.pos));
    const comment = line.indexOf(' #');
    let end = comment < 0 ? line.length : comment;
    while (line[end - 1] === ' ') end -= 1;
    const found = line.slice(0, end);
    if (
      found === '' ||
      ',[]{}#&*!|>\'"%@`'.includes(found[0]) ||
      ('-?:'.includes(found[0]) && (found.length === 1 || found[1] === ' ')) ||
      found.includes(': ') ||
      found.endsWith(':')
    )
      giveUp();
    this.pos += end;
    return plainValue(found);
  }

  private quoted(mark: '"' | "'"): string {
    const pattern = quoted[mark];
    pattern.lastIndex = this.pos;
    const [match, inner] = pattern.exec(this.text) ?? giveUp();
    this.pos += match.length;
    return quotedValue(inner, mark);
  }

  private flow(indent: number): unknown {
    const mark = this.text[this.pos];
    if (mark === '[') return this.flowList(indent);
    if (mark === '{') return this.flowMap(indent);
    return mark === '"' || mark === "'"
      ? this.quoted(mark)
      : plainValue(this.flowWord());
  }

  private flowWord(): string {
    flowPlain.lastIndex = this.pos;
    const [match] = flowPlain.exec(this.text) ?? giveUp();
    this.pos += match.length;
    return match.replace(/ +$/, '');
  }

  private flowList(indent: number): unknown[] {
    this.enter();
    const found: unknown[] = [];
    const at: number[] | undefined = this.places && [];
    if (at) this.places!.set(found, at);
    this.eachInFlow(']', indent, () => {
      at?.push(this.pos);
      found.push(this.flow(indent));
    });
    this.depth -= 1;
    return found;
  }

  private flowMap(indent: number): object {
    this.enter();
    const found: Record<string, unknown> = {};
    const at = this.places && new Map<string, number>();
    if (at) this.places!.set(found, at);
    this.eachInFlow('}', indent, () => {
      const start = this.pos;
      const mark = this.text[start];
      const isQuoted = mark === '"' || mark === "'";
      const key = isQuoted ? this.quoted(mark) : asKey(this.flowWord());
      if (key in found || this.pos - start > maxKey) giveUp();
      if (this.text[this.pos] !== ':') giveUp();
      this.pos += 1;
      this.toFlow(indent);
      at?.set(key, start);
      found[key] = this.flow(indent);
    });
    this.depth -= 1;
    return found;
  }

  /** Over an opening mark, items with commas between them, and the closing mark. */
  private eachInFlow(close: string, indent: number, item: () => void): void {
    this.pos += 1;
    this.toFlow(indent);
    while (this.text[this.pos] !== close) {
      item();
      this.toFlow(indent);
      if (this.text[this.pos] === ',') {
        this.pos += 1;
        this.toFlow(indent);
      } else if (this.text[this.pos] !== close) giveUp();
    }
    this.pos += 1;
  }

  /** To the next ink within a flow collection, which lies deeper than what is around it. */
  private toFlow(indent: number): void {
    for (;;) {
      this.pos = firstInk(this.text, this.pos);
      if (this.text[this.pos] !== '\n') break;
      this.pos += 1;
      this.lineStart = this.pos;
      const ink = firstInk(this.text, this.pos);
      if (this.text[ink] !== '\n' && ink - this.lineStart <= indent) giveUp();
    }
    if (this.pos >= this.text.length) giveUp();
  }
}

// `1: x` has a number for a key, which is left to the whole parser.
function asKey(word: string): string {
  const value = plainValue(word);
  return typeof value === 'string' ? value : giveUp();
}
