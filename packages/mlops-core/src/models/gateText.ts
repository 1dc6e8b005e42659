/*
 * The language of gates: CEL over two maps of numbers, `metrics` (of the candidate) and `champion`. A text of a stranger is read
 * here, so its size, its nesting and its loops are capped before it is evaluated, and it cannot call anything slow: an
 * expression of at most 2,000 characters with one level of loops over at most 1,000 metrics ends in well under a second.
 * One thing is added to CEL: whole numbers and fractions may be mixed in sums, since nobody thinks of `1` as another kind of number.
 */
import { Environment, type ASTNode } from '@marcbachmann/cel-js';

/** What is wrong with a gate, and from which character on (0-based). @public */
export interface GateFault {
  code: 'gate-unreadable' | 'gate-unknown-variable' | 'gate-not-allowed';
  message: string;
  offset: number;
}

/** A gate that was read. */
export interface CompiledGate {
  text: string;
  ast: ASTNode;
}

/** Longest text of one gate. @public */
export const maxGateCharacters = 2_000;

const known = ['metrics', 'champion'];
const loops = ['all', 'exists', 'exists_one', 'filter', 'map'];
const calls = new Set([
  ...loops,
  'has',
  'size',
  'double',
  'int',
  'string',
  'contains',
  'startsWith',
  'endsWith',
]);

const environment = makeEnvironment();

function makeEnvironment(): Environment {
  const made = new Environment({
    limits: {
      maxAstNodes: 500,
      maxDepth: 100,
      maxListElements: 100,
      maxMapEntries: 50,
      maxCallArguments: 8,
    },
  });
  for (const name of known) made.registerVariable(name, 'map<string, double>');
  const sums: [string, (a: number, b: number) => number][] = [
    ['+', (a, b) => a + b],
    ['-', (a, b) => a - b],
    ['*', (a, b) => a * b],
    ['/', (a, b) => a / b],
  ];
  for (const [sign, work] of sums) {
    const mixed = (a: unknown, b: unknown) => work(Number(a), Number(b));
    made.registerOperator(`double ${sign} int`, mixed);
    made.registerOperator(`int ${sign} double`, mixed);
  }
  return made;
}

/** Reads a gate, or says what is wrong with it. */
export function compileGate(
  text: string,
): { gate: CompiledGate } | { fault: GateFault } {
  if (text.length > maxGateCharacters)
    return {
      fault: {
        code: 'gate-not-allowed',
        message: `A gate has at most ${maxGateCharacters} characters; this one has ${text.length}.`,
        offset: 0,
      },
    };
  try {
    const parsed = environment.parse(text);
    const refused = refuse(parsed.ast, 0);
    if (refused) return { fault: refused };
    const { valid, type, error } = parsed.check();
    if (!valid) return { fault: toFault(error, text) };
    if (type !== 'bool' && type !== 'dyn')
      return {
        fault: {
          code: 'gate-unreadable',
          message: `A gate answers true or false; '${short(
            text,
          )}' is a ${type}.`,
          offset: 0,
        },
      };
    return { gate: { text, ast: parsed.ast } };
  } catch (error) {
    return { fault: toFault(error, text) };
  }
}

function toFault(error: any, text: string): GateFault {
  const said = String(error?.message ?? error).split('\n')[0];
  const offset = Number(error?.range?.start ?? error?.node?.start ?? 0);
  if (error?.code === 'unknown_variable') {
    const name = said.replace(/^.*: /, '');
    return {
      code: 'gate-unknown-variable',
      message: `'${name}' is not known in a gate; known are ${known.join(
        ' and ',
      )}.`,
      offset,
    };
  }
  const words =
    offset >= text.length || said.includes('EOF') ? 'it ends too early' : said;
  return {
    code: 'gate-unreadable',
    message: `The gate is not CEL: ${words}.`,
    offset: Math.min(offset, Math.max(0, text.length - 1)),
  };
}

// Calls that can be slow (regular expressions) and loops within loops.
function refuse(node: ASTNode, depth: number): GateFault | undefined {
  const name =
    node.op === 'call' || node.op === 'rcall' ? node.args[0] : undefined;
  if (name !== undefined && !calls.has(name))
    return {
      code: 'gate-not-allowed',
      message: `'${name}' cannot be used in a gate.`,
      offset: node.start,
    };
  const isLoop = node.op === 'rcall' && loops.includes(node.args[0]);
  if (isLoop && depth > 0)
    return {
      code: 'gate-not-allowed',
      message: `A gate cannot have a loop ('${name}') within a loop.`,
      offset: node.start,
    };
  for (const child of childrenOf(node)) {
    const found = refuse(child, isLoop ? depth + 1 : depth);
    if (found) return found;
  }
  return undefined;
}

/** Nodes directly below one. */
export function childrenOf(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = [];
  const take = (value: unknown) => {
    if (Array.isArray(value)) value.forEach(take);
    else if (typeof value === 'object' && value !== null && 'op' in value)
      found.push(value as ASTNode);
  };
  take(node.args);
  return found;
}

/** The text of one part of a gate. */
export const textOf = (node: ASTNode): string =>
  node.input.slice(node.start, node.end);

/** Evaluates a part of a gate. Throws what CEL throws. */
export function evaluatePart(
  node: ASTNode,
  values: { metrics: Record<string, number>; champion: Record<string, number> },
): unknown {
  return environment.evaluate(textOf(node), values);
}

/** The conditions that all must hold: what stands between the outermost `&&`. */
export function conditionsOf(node: ASTNode): ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(conditionsOf) : [node];
}

/** A metric that a part names: `metrics.accuracy` or `champion["f1.macro"]`. */
export interface MetricReference {
  of: 'metrics' | 'champion';
  name: string;
}

/** The metric that a node is; undefined when it is anything else. */
export function referenceOf(node: ASTNode): MetricReference | undefined {
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const [owner, key] = node.args;
  if (owner.op !== 'id' || !known.includes(owner.args)) return undefined;
  const name =
    typeof key === 'string'
      ? key
      : key.op === 'value' && typeof key.args === 'string'
      ? key.args
      : undefined;
  return name === undefined
    ? undefined
    : { of: owner.args as MetricReference['of'], name };
}

/** All metrics that a part names. */
export function referencesIn(node: ASTNode): MetricReference[] {
  const own = referenceOf(node);
  return own ? [own] : childrenOf(node).flatMap(referencesIn);
}

/** Whether a part names the champion at all. */
export const namesChampion = (node: ASTNode): boolean =>
  (node.op === 'id' && node.args === 'champion') ||
  childrenOf(node).some(namesChampion);

const short = (text: string) =>
  text.length > 100 ? `${text.slice(0, 97)}...` : text;
