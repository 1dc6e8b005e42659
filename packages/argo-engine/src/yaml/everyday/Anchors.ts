import { giveUp } from './scalars';

const anchor = /&([\w-]+)(?=[ \n])/y;
const alias = /\*([\w-]+)(?=[ \n])/y;
const maxAliases = 20;

/** Values with a name (`&name`) that are given again (`*name`). One within another is left to the whole parser, which counts. */
export class Anchors {
  private readonly values = new Map<string, unknown>();
  private aliases = 0;

  constructor(private readonly text: string) {}

  /** The value that the alias at `at` stands for, and the length of the alias. */
  resolve(at: number): { value: unknown; length: number } {
    const { name, length } = this.nameAt(alias, at);
    if (!this.values.has(name) || ++this.aliases > maxAliases) giveUp();
    return { value: this.values.get(name), length };
  }

  /** Reads what the anchor at `at` names. */
  keep(at: number, read: (length: number) => unknown): unknown {
    const { name, length } = this.nameAt(anchor, at);
    const before = this.aliases;
    const value = read(length);
    if (this.values.has(name) || this.aliases !== before) giveUp();
    this.values.set(name, value);
    return value;
  }

  private nameAt(pattern: RegExp, at: number) {
    pattern.lastIndex = at;
    const [match, name] = pattern.exec(this.text) ?? giveUp();
    return { name, length: match.length };
  }
}
