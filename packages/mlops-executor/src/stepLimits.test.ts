import { limitProblems, parseQuantity, stepLimits } from './stepLimits';

it.each([
  ['512Mi', 536_870_912],
  ['1.5G', 1.5e9],
  [64, 64],
  ['1e3', 1000],
  ['500m', 0.5],
  ['.5Gi', 536_870_912],
  ['-1', undefined],
  ['', undefined],
  ['Mi', undefined],
  ['5 MB', undefined],
  ['toString', undefined],
])('reads the quantity %p as %p', (text, value) => {
  expect(parseQuantity(text)).toBe(value);
});

const asking = (limits: Record<string, string>) => ({
  container: { image: 'i', resources: { limits } },
});

it('gives a step what it asks for, and not more than the machine does', () => {
  const machine = { memoryBytes: 1000, processes: 5, diskBytes: 2000 };
  expect(
    stepLimits(
      asking({ memory: '300', 'ephemeral-storage': '9k', cpu: '500m' }),
      machine,
    ),
  ).toEqual({ memoryBytes: 300, processes: 5, diskBytes: 2000, cpus: 0.5 });
});

it('has limits where nobody set one', () => {
  const { memoryBytes, processes, diskBytes } = stepLimits(asking({}));
  expect(memoryBytes).toBeGreaterThan(1e8);
  expect({ processes, diskBytes }).toEqual({
    processes: 2048,
    diskBytes: 10 * 1024 ** 3,
  });
});

it('names a limit that it cannot read, and leaves tags alone', () => {
  expect(limitProblems(asking({ memory: '0', cpu: '500m' }))).toEqual([
    {
      path: 'container.resources.limits.memory',
      code: 'unusable-limit',
      message:
        "resources.limits.memory is '0', which is no quantity, as 512Mi is",
    },
  ]);
  expect(limitProblems(asking({ memory: '{{inputs.parameters.m}}' }))).toEqual(
    [],
  );
});
