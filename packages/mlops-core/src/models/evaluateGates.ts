/*
 * Whether a version may take an alias. This is the one code of the dialog, the check of a request and the merge, so that all three
 * say the same in the same words. Each gate is cut at its outermost `&&`; every part is judged and told by itself.
 * Two parts are let go by definition, and say so: what names the champion while there is none yet, and what compares a rollback with
 * the very version that is taken back.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { GateResult } from '../changes/Change';
import {
  compileGate,
  conditionsOf,
  evaluatePart,
  namesChampion,
  referenceOf,
  referencesIn,
  textOf,
} from './gateText';
import type { Gate, Waiver } from './modelPolicy';
import { showNumber, showPair } from './showNumber';

/** What is known of a version. @public */
export interface VersionEvidence {
  version: string;
  metrics: Record<string, number>;
  intervals: Record<string, { lower: number; upper: number }>;
}

/** @public */
export interface EvaluateGatesOptions {
  gates: Gate[];
  waivers?: Waiver[];
  candidate: VersionEvidence;
  /** Absent before the first promotion. */
  champion?: VersionEvidence;
  /** The alias goes back to a version that it had before. */
  rollback?: boolean;
  /** ISO 8601; waivers end by it. */
  now: string;
}

type Comparison = GateResult['comparisons'][number];
interface Judgement {
  passed: boolean;
  broken?: boolean;
  sentence: string;
  comparison?: Comparison;
}

/** Judges all gates, in their order. Never throws. @public */
export function evaluateGates(options: EvaluateGatesOptions): GateResult[] {
  return options.gates.map(gate => evaluateOne(gate, options));
}

/** Whether nothing of it stands in the way. @public */
export const gatesPass = (results: GateResult[]): boolean =>
  results.every(({ state }) => state === 'passed' || state === 'waived');

function evaluateOne(gate: Gate, options: EvaluateGatesOptions): GateResult {
  const head = { gate: gate.check, name: gate.name };
  const compiled = compileGate(gate.check);
  if ('fault' in compiled)
    return {
      ...head,
      state: 'error',
      message: compiled.fault.message,
      comparisons: [],
    };
  const parts = conditionsOf(compiled.gate.ast).map(part =>
    judge(part, options),
  );
  const comparisons = parts.flatMap(({ comparison }) => comparison ?? []);
  const failed = parts.filter(part => !part.passed);
  const message = sentenceOf(failed.length > 0 ? failed : parts);
  if (failed.length === 0)
    return { ...head, state: 'passed', message, comparisons };
  if (failed.some(part => part.broken))
    return { ...head, state: 'error', message, comparisons };
  return { ...head, comparisons, ...waive(gate, message, options) };
}

const sentenceOf = (parts: Judgement[]) =>
  `${parts.map(part => part.sentence).join('; ')}.`;

function judge(part: ASTNode, options: EvaluateGatesOptions): Judgement {
  const { candidate, champion, rollback } = options;
  const text = textOf(part);
  if (namesChampion(part) && !champion)
    return { passed: true, sentence: `${text}: there is no champion yet` };
  if (namesChampion(part) && rollback)
    return {
      passed: true,
      sentence: `${text}: a rollback is not compared with the version it takes back`,
    };
  const values = {
    metrics: candidate.metrics,
    champion: champion?.metrics ?? {},
  };
  try {
    const passed = evaluatePart(part, values) === true;
    return describe(part, passed, values, options);
  } catch (error) {
    const missing = referencesIn(part).find(
      ({ of, name }) => !Object.hasOwn(values[of], name),
    );
    if (missing)
      return {
        passed: false,
        sentence: `${text}: ${
          missing.of === 'metrics'
            ? `version ${candidate.version}`
            : `the champion, version ${champion?.version},`
        } has no metric '${missing.name}'`,
        comparison: comparisonOf(part, false, values, options),
      };
    return {
      passed: false,
      broken: true,
      sentence: `${text} cannot be evaluated: ${
        String((error as Error).message).split('\n')[0]
      }`,
    };
  }
}

const words: Record<string, [holds: string, fails: string]> = {
  '>=': ['is at least', 'is below'],
  '>': ['is above', 'is not above'],
  '<=': ['is at most', 'is above'],
  '<': ['is below', 'is not below'],
  '==': ['is', 'is not'],
  '!=': ['is not', 'is'],
};
const flipped: Record<string, string> = {
  '>=': '<=',
  '>': '<',
  '<=': '>=',
  '<': '>',
  '==': '==',
  '!=': '!=',
};

type Values = Parameters<typeof evaluatePart>[1];

function describe(
  part: ASTNode,
  passed: boolean,
  values: Values,
  options: EvaluateGatesOptions,
): Judgement {
  const comparison = comparisonOf(part, passed, values, options);
  if (
    !comparison ||
    comparison.value === undefined ||
    comparison.limit === undefined
  )
    return {
      passed,
      sentence: `${textOf(part)} is ${passed}`,
      ...(comparison && { comparison }),
    };
  const { metric, value, limit, operator, interval } = comparison;
  const [shownValue, shownLimit] = showPair(value, limit);
  const limitText = sideOf(part, metric).limit;
  const known = interval
    ? ` (${showNumber(interval.lower)} to ${showNumber(interval.upper)})`
    : '';
  const named = /^-?[\d.]+(e-?\d+)?$/i.test(limitText)
    ? shownLimit
    : `${limitText} (${shownLimit})`;
  return {
    passed,
    comparison,
    sentence: `${metric} ${shownValue}${known} ${
      words[operator][passed ? 0 : 1]
    } ${named}`,
  };
}

function sideOf(part: ASTNode, metric: string) {
  const [left, right] = part.args as [ASTNode, ASTNode];
  return {
    limit: textOf(left) === metric ? textOf(right) : textOf(left),
  };
}

// Undefined for what is no plain comparison of numbers.
function comparisonOf(
  part: ASTNode,
  passed: boolean,
  values: Values,
  { candidate }: EvaluateGatesOptions,
): Comparison | undefined {
  if (!(part.op in words)) return undefined;
  const [left, right] = part.args as [ASTNode, ASTNode];
  const ofCandidate = (node: ASTNode) =>
    referencesIn(node).some(({ of }) => of === 'metrics');
  const turned = !ofCandidate(left) && ofCandidate(right);
  const [subject, limit] = turned ? [right, left] : [left, right];
  if (!ofCandidate(subject)) return undefined;
  const number = (node: ASTNode) => {
    try {
      const value = evaluatePart(node, values);
      return typeof value === 'number' || typeof value === 'bigint'
        ? Number(value)
        : undefined;
    } catch {
      return undefined;
    }
  };
  const reference = referenceOf(subject);
  const interval =
    reference?.of === 'metrics' &&
    Object.hasOwn(candidate.intervals, reference.name)
      ? candidate.intervals[reference.name]
      : undefined;
  const value = number(subject);
  const limitValue = number(limit);
  return {
    metric: textOf(subject),
    ...(value !== undefined && { value }),
    operator: turned ? flipped[part.op] : part.op,
    ...(limitValue !== undefined && { limit: limitValue }),
    ...(interval && { interval }),
    passed,
  };
}

function waive(
  gate: Gate,
  message: string,
  { waivers = [], candidate, now }: EvaluateGatesOptions,
): Pick<GateResult, 'state' | 'message' | 'waiver'> {
  const meant = waivers.filter(
    waiver => waiver.gate === gate.name || waiver.gate === gate.check,
  );
  const fits = meant.filter(
    ({ version }) =>
      version === undefined || String(version) === candidate.version,
  );
  const valid = fits.find(({ until }) => now.slice(0, 10) <= until);
  if (valid) {
    const { by, reason, until } = valid;
    return {
      state: 'waived',
      message: `${message} Waived by ${by} until ${until}: ${reason}`,
      waiver: { by, reason, until },
    };
  }
  const [old] = fits;
  if (old)
    return {
      state: 'failed',
      message: `${message} The waiver by ${old.by} ended on ${old.until}.`,
    };
  const [other] = meant;
  if (other)
    return {
      state: 'failed',
      message: `${message} The waiver by ${other.by} is for version ${other.version}.`,
    };
  return { state: 'failed', message };
}
