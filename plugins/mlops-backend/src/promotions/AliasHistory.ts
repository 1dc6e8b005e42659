/*
 * Who was champion when. Git remembers each text that a model's file had on the main branch, so the history of its aliases is read
 * from there and nowhere else; a text is parsed once.
 */
import {
  aliasesOf,
  mlModelSchema,
  parseFile,
  type AliasState,
  type DeclaredAlias,
} from '@backstage-mlops/mlops-core';
import type { GitHistory, HistoryCommit } from '../gitops/GitHistory';
import type { GitRepository } from '../gitops/GitRepository';

/** What the portal knows of a commit beside git: the request that brought it. */
export interface CommitStory {
  change: string;
  by: string;
  reason?: string;
  kind: string;
}

export interface AliasHistoryOptions {
  history: GitHistory;
  repository: Pick<GitRepository, 'read'>;
  /** The request behind a commit of the main branch. */
  storyOf?(commit: string): Promise<CommitStory | undefined>;
}

const maxFileBytes = 262_144;

export class AliasHistory {
  private readonly texts = new Map<
    string,
    Promise<DeclaredAlias[] | undefined>
  >();

  constructor(private readonly options: AliasHistoryOptions) {}

  /** Every change of an alias in a file, newest first. */
  async read(commit: string, file: string): Promise<AliasState[]> {
    const commits = await this.options.history.ofFile(commit, file);
    const found: AliasState[] = [];
    let before = new Map<string, DeclaredAlias>();
    for (const step of commits.reverse()) {
      const declared = await this.aliasesIn(step.oid, file);
      // A text that cannot be read says nothing; what was before it stays.
      if (!declared) continue;
      const after = new Map(declared.map(item => [item.alias, item]));
      for (const alias of new Set([...before.keys(), ...after.keys()])) {
        const [was, is] = [before.get(alias), after.get(alias)];
        if (was?.version === is?.version && was?.digest === is?.digest)
          continue;
        found.push({
          alias,
          ...(is && { version: is.version, digest: is.digest }),
          ...(await this.tell(step)),
        });
      }
      before = after;
    }
    return found.reverse();
  }

  private async tell(step: HistoryCommit) {
    const story = await this.options
      .storyOf?.(step.commit)
      .catch(() => undefined);
    const reason = story?.reason ?? reasonOf(step);
    return {
      commit: step.commit,
      since: step.at,
      by: story?.by ?? step.author,
      ...(reason && { reason }),
      ...(story && { change: story.change }),
    };
  }

  private aliasesIn(
    oid: string | undefined,
    file: string,
  ): Promise<DeclaredAlias[] | undefined> {
    if (oid === undefined) return Promise.resolve([]);
    const key = `${oid} ${file}`;
    const known = this.texts.get(key);
    if (known) return known;
    const read = this.parse(oid, file);
    this.texts.set(key, read);
    read.catch(() => this.texts.delete(key));
    if (this.texts.size > 5_000)
      this.texts.delete(this.texts.keys().next().value!);
    return read;
  }

  private async parse(
    oid: string,
    file: string,
  ): Promise<DeclaredAlias[] | undefined> {
    const found = await this.options.repository.read(oid, maxFileBytes);
    const text = found?.bytes?.toString('utf8') ?? '';
    const { value } = parseFile(text, file, mlModelSchema, nameOf(file));
    return value && aliasesOf(value);
  }
}

const nameOf = (file: string) =>
  file
    .split('/')
    .pop()!
    .replace(/\.ya?ml$/, '');

const reasonOf = ({ title, body }: HistoryCommit) =>
  body.split('\n\n')[0].trim() || title;

/** The aliases as they were at a moment. */
export function aliasesAt(history: AliasState[], at: string): AliasState[] {
  const seen = new Map<string, AliasState>();
  for (const state of history)
    if (Date.parse(state.since) <= Date.parse(at) && !seen.has(state.alias))
      seen.set(state.alias, state);
  return [...seen.values()]
    .filter(({ version }) => version !== undefined)
    .sort((a, b) => (a.alias < b.alias ? -1 : 1));
}
