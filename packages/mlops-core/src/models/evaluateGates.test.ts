import fc from 'fast-check';
import { readProject } from '../index';
import { evaluateGates, gatesPass } from './evaluateGates';
import type { Gate, Waiver } from './modelPolicy';

const now = '2026-11-28T10:00:00.000Z';
const version = (
  number: string,
  metrics: Record<string, number>,
  intervals = {},
) => ({ version: number, metrics, intervals });
const judge = (
  check: string,
  more: Partial<Parameters<typeof evaluateGates>[0]> = {},
) =>
  evaluateGates({
    gates: [{ name: 'quality', check }],
    candidate: version(
      '4',
      { accuracy: 0.94, recall_bad: 0.8, 'f1.macro': 0.7 },
      { accuracy: { lower: 0.9, upper: 0.97 } },
    ),
    champion: version('3', { accuracy: 0.9, recall_bad: 0.85 }),
    now,
    ...more,
  })[0];

describe('a gate', () => {
  it('says each condition with value, interval and limit', () => {
    const result = judge(
      'metrics.accuracy >= 0.9 && metrics.accuracy >= champion.accuracy - 0.01',
    );
    expect(result).toMatchObject({
      state: 'passed',
      message:
        'metrics.accuracy 0.94 (0.9 to 0.97) is at least 0.9; metrics.accuracy 0.94 (0.9 to 0.97) is at least champion.accuracy - 0.01 (0.89).',
      comparisons: [
        {
          metric: 'metrics.accuracy',
          value: 0.94,
          operator: '>=',
          limit: 0.9,
          interval: { lower: 0.9, upper: 0.97 },
          passed: true,
        },
        { limit: 0.89, passed: true },
      ],
    });
  });

  it('that fails names only what fails', () => {
    const result = judge(
      'metrics.accuracy >= 0.9 && metrics.recall_bad >= champion.recall_bad - 0.01',
    );
    expect(result.state).toBe('failed');
    expect(result.message).toBe(
      'metrics.recall_bad 0.8 is below champion.recall_bad - 0.01 (0.84).',
    );
  });

  it('reads the metric on either side, and names that CEL cannot write', () => {
    expect(judge('0.9 <= metrics.accuracy').comparisons[0]).toMatchObject({
      metric: 'metrics.accuracy',
      operator: '>=',
      limit: 0.9,
    });
    expect(judge('metrics["f1.macro"] > 0.75').message).toBe(
      'metrics["f1.macro"] 0.7 is not above 0.75.',
    );
  });

  it('takes whole numbers in sums', () =>
    expect(judge('1 - metrics.accuracy < 2 * 0.05').state).toBe('passed'));

  it('fails on a metric that is not there, and says whose it is', () => {
    expect(judge('metrics.auc > 0.5')).toMatchObject({
      state: 'failed',
      message: "metrics.auc > 0.5: version 4 has no metric 'auc'.",
    });
    expect(judge('metrics["f1.macro"] > champion["f1.macro"]').message).toBe(
      `metrics["f1.macro"] > champion["f1.macro"]: the champion, version 3, has no metric 'f1.macro'.`,
    );
    expect(judge('!has(metrics.auc) || metrics.auc > 0.5').state).toBe(
      'passed',
    );
    expect(judge('metrics.constructor > 0.5').state).toBe('failed');
  });

  it('tells two figures apart that look alike', () =>
    expect(
      judge('metrics.accuracy >= 0.9', {
        candidate: version('4', { accuracy: 0.8999999999 }),
      }).message,
    ).toBe('metrics.accuracy 0.8999999999 is below 0.9.'));

  it('lets what names the champion go while there is none, and nothing else', () => {
    const first = { champion: undefined };
    expect(
      judge(
        'metrics.accuracy >= 0.9 && metrics.recall_bad >= champion.recall_bad',
        first,
      ),
    ).toMatchObject({
      state: 'passed',
      message:
        'metrics.accuracy 0.94 (0.9 to 0.97) is at least 0.9; metrics.recall_bad >= champion.recall_bad: there is no champion yet.',
    });
    expect(
      judge('metrics.accuracy >= 0.99 && champion.accuracy > 0.1', first).state,
    ).toBe('failed');
  });

  it('holds a rollback against fixed limits, not against the version that goes', () => {
    const back = { rollback: true };
    expect(judge('metrics.recall_bad >= champion.recall_bad', back).state).toBe(
      'passed',
    );
    expect(judge('metrics.recall_bad >= 0.9', back).state).toBe('failed');
  });

  it('is an error when it cannot be read', () => {
    expect(judge('metrics.accuracy >=').state).toBe('error');
    expect(judge('foo > 1.0').message).toBe(
      "'foo' is not known in a gate; known are metrics and champion.",
    );
    expect(judge('metrics.accuracy').message).toContain(
      'answers true or false',
    );
    expect(gatesPass([judge('foo > 1.0')])).toBe(false);
  });

  it('gives the same answer as the comparison itself', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.constantFrom('>=', '>', '<=', '<'),
        (a, b, operator) => {
          const holds = { '>=': a >= b, '>': a > b, '<=': a <= b, '<': a < b }[
            operator
          ];
          const result = judge(`metrics.x ${operator} champion.x`, {
            candidate: version('2', { x: a }),
            champion: version('1', { x: b }),
          });
          return (result.state === 'passed') === holds;
        },
      ),
    );
  });
});

describe('a waiver', () => {
  const waiver = (more: Partial<Waiver> = {}): Waiver => ({
    gate: 'quality',
    by: 'user:default/rex',
    reason: 'The harvest cannot wait.',
    until: '2026-11-28',
    ...more,
  });
  const waived = (more: Partial<Waiver>) =>
    judge('metrics.accuracy >= 0.99', { waivers: [waiver(more)] });

  it('lets a failed gate pass on its last day, and says so', () =>
    expect(waived({ version: 4 })).toMatchObject({
      state: 'waived',
      message:
        'metrics.accuracy 0.94 (0.9 to 0.97) is below 0.99. Waived by user:default/rex until 2026-11-28: The harvest cannot wait.',
    }));

  it('that has ended, or is for another version or gate, does not', () => {
    expect(waived({ until: '2026-11-27' })).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('ended on 2026-11-27'),
    });
    expect(waived({ version: 3 }).message).toContain('is for version 3');
    expect(waived({ gate: 'other' }).state).toBe('failed');
    expect(waived({ gate: 'metrics.accuracy >= 0.99' }).state).toBe('waived');
  });

  it('cannot make a gate readable', () =>
    expect(judge('foo > 1.0', { waivers: [waiver()] }).state).toBe('error'));
});

it('hostile gates end, whatever they are', () => {
  const hostile = [
    '('.repeat(900),
    '!'.repeat(1_999),
    'metrics.a>0.0&&'.repeat(130),
    '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!".matches("(a+)+$")',
    'metrics.all(a, metrics.all(b, metrics.all(c, true)))',
    `[${'1,'.repeat(99)}1].all(a, true)`,
    'metrics.x > 0.5'.padEnd(5_000),
    'metrics.__proto__.a > 1.0',
    '\u0000',
    '"\\u{10FFFF}" == "x"',
  ];
  const gates: Gate[] = hostile.map((check, i) => ({ name: `${i}`, check }));
  const results = evaluateGates({
    gates,
    candidate: version('1', { x: 1 }),
    now,
  });
  expect(results.filter(({ state }) => state === 'passed')).toHaveLength(1);
  expect(results[3].message).toBe("'matches' cannot be used in a gate.");
  expect(results[4].message).toContain('loop');
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), check => {
      const [{ message }] = evaluateGates({
        gates: [{ name: 'x', check }],
        candidate: version('1', { x: 1 }),
        now,
      });
      return message.length > 0;
    }),
  );
});

it('faults of aliases, gates and waivers stand where they are written', () => {
  const text = `apiVersion: backstage-mlops/v1alpha1
kind: MLModel
metadata: { name: m }
spec:
  task: t
  primaryMetric: { name: accuracy, direction: higher }
  intendedUse: x
  licence: MIT
`;
  const problems = (more: string) =>
    readProject('ml-projects/p', [
      {
        path: 'models/m.yaml',
        sizeBytes: 1,
        mode: '100644',
        text: text + more,
      },
    ])
      .problems.filter(({ file }) => file.endsWith('m.yaml'))
      .map(({ line, column, message }) => `${line}:${column} ${message}`);
  expect(
    problems(`  gates:
    - metrics.accuracy > 0.5
    - metrics.accuracy > wrong
    - { name: two, check: "metrics.a >" }
    - { name: two, check: metrics.b > 1 }
`),
  ).toEqual([
    "11:26 'wrong' is not known in a gate; known are metrics and champion.",
    '12:38 The gate is not CEL: it ends too early.',
    "13:27 There are two gates 'two'.",
  ]);
  expect(
    problems(`  gates: 3
  aliases:
    latest: { version: 1, digest: sha256:${'a'.repeat(64)} }
    champion: { version: 0, digest: sha256:b }
  waivers:
    - { gate: x, by: user:default/rex, until: soon }
`),
  ).toEqual([
    "11:5 'latest' cannot be a key of spec.aliases; it must be a word that is neither 'latest' nor 'v1'.",
    '12:17 spec.aliases.champion.version must be at least 1, not 0.',
    `12:29 spec.aliases.champion.digest must be a digest, as 'sha256:' and 64 hex digits, not "sha256:b".`,
    '9:3 spec.gates must be a CEL text, or a list of them, not 3.',
    '14:7 spec.waivers[0].reason is missing; expected a text.',
    `14:40 spec.waivers[0].until must be a day, as '2026-12-31', not "soon".`,
  ]);
});
