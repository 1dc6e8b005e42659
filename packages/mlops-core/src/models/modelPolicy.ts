/* Aliases, gates and waivers of `models/<model>.yaml` in one shape each, however they were written. */
import {
  formatFieldPath,
  type Problem,
  type YamlDocument,
} from '@backstage-mlops/argo-engine';
import type { MLModel } from '../projects/schemas';
import { compileGate } from './gateText';

/** A condition that a version must meet before it takes an alias. @public */
export interface Gate {
  /** As people and waivers call it; the text when it has no name of its own. */
  name: string;
  /** CEL. */
  check: string;
}

/** Somebody's word that a gate may fail for a while. @public */
export interface Waiver {
  /** Name or text of the gate. */
  gate: string;
  /** Only for this version; any when absent. */
  version?: number;
  /** Entity reference. */
  by: string;
  reason: string;
  /** Last day, as `2026-12-31` (UTC). */
  until: string;
}

/** An alias as git has it. @public */
export interface DeclaredAlias {
  alias: string;
  version: string;
  digest: string;
}

/** The gates of a model. @public */
export function gatesOf(model: MLModel | undefined): Gate[] {
  const written = model?.spec.gates ?? [];
  return (Array.isArray(written) ? written : [written]).map(item => {
    const { name, check } =
      typeof item === 'string' ? { name: undefined, check: item } : item;
    return { name: name ?? check.trim(), check };
  });
}

/** The waivers of a model. @public */
export const waiversOf = (model: MLModel | undefined): Waiver[] =>
  model?.spec.waivers ?? [];

/** The aliases that a model declares, by name. @public */
export function aliasesOf(model: MLModel | undefined): DeclaredAlias[] {
  return Object.entries(model?.spec.aliases ?? {})
    .map(([alias, { version, digest }]) => ({
      alias,
      version: String(version),
      digest,
    }))
    .sort((a, b) => (a.alias < b.alias ? -1 : 1));
}

/** An alias that goes to another version, or away. @public */
export interface AliasMove {
  alias: string;
  before?: DeclaredAlias;
  /** Absent when the alias is taken away. */
  after?: DeclaredAlias;
}

/** How the aliases of a model differ between two states of its file. @public */
export function aliasMoves(
  before: MLModel | undefined,
  after: MLModel | undefined,
): AliasMove[] {
  const sides = [before, after].map(
    model => new Map(aliasesOf(model).map(item => [item.alias, item])),
  );
  return [...new Set(sides.flatMap(side => [...side.keys()]))]
    .sort()
    .map(alias => ({
      alias,
      before: sides[0].get(alias),
      after: sides[1].get(alias),
    }))
    .filter(
      ({ before: from, after: to }) =>
        from?.version !== to?.version || from?.digest !== to?.digest,
    );
}

/** Gates that count for a request: those of the main branch too, when the request takes them away or changes them. @public */
export function gatesForMove(
  before: MLModel | undefined,
  after: MLModel | undefined,
): Gate[] {
  const wanted = gatesOf(after);
  return [
    ...wanted,
    ...gatesOf(before).filter(
      gate => !wanted.some(({ check }) => check === gate.check),
    ),
  ];
}

/** What is wrong with the gates of a file, each at its place. */
export function gateProblems(
  model: MLModel,
  file: string,
  text: string,
  document: YamlDocument,
): Problem[] {
  const several = Array.isArray(model.spec.gates);
  const problems: Problem[] = [];
  const seen = new Set<string>();
  gatesOf(model).forEach(({ name, check }, index) => {
    const written = several && (model.spec.gates as unknown[])[index];
    const path = [
      'spec',
      'gates',
      ...(several ? [index] : []),
      ...(typeof written === 'object' ? ['check'] : []),
    ];
    const fault = (code: string, message: string, offset: number) =>
      problems.push({
        file,
        ...placeOf(text, document.locate(path), check, offset),
        path: formatFieldPath(path),
        code,
        message,
        severity: 'error',
      });
    const compiled = compileGate(check);
    if ('fault' in compiled)
      fault(compiled.fault.code, compiled.fault.message, compiled.fault.offset);
    if (seen.has(name))
      fault('gate-twice', `There are two gates '${name.slice(0, 100)}'.`, 0);
    seen.add(name);
  });
  return problems;
}

// Within a text of one line the place is the very character.
function placeOf(
  text: string,
  start: { line: number; column: number },
  check: string,
  offset: number,
) {
  const line = text.split('\n')[start.line - 1] ?? '';
  const at = line.indexOf(check, start.column - 1);
  return at < 0 || check.includes('\n')
    ? start
    : { line: start.line, column: at + 1 + offset };
}
