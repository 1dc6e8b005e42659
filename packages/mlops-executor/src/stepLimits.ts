/* What a step may take: what its template asks for, in Kubernetes' words, and never more than the machine gives. */
import os from 'node:os';
import type { MachineLimits, StepProblem } from './StepAttempt';
import { containerOf, type LeafTemplate } from './template';
import type { StepLimits } from './types';

const gibibyte = 1024 ** 3;
const units: Record<string, number> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: gibibyte,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
  Ei: 1024 ** 6,
};

/** A quantity of Kubernetes, as `512Mi`, `1.5G` or `1e9`, as a number; undefined when it is none. */
export function parseQuantity(text: string | number): number | undefined {
  const [, digits, unit] =
    /^(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)([a-zA-Z]*)$/.exec(
      String(text).trim(),
    ) ?? [];
  return digits !== undefined && Object.hasOwn(units, unit)
    ? Number(digits) * units[unit]
    : undefined;
}

// The limits of a container that mean something on one machine. Without a control group nothing holds a step to its CPU limit.
const heeded = { memory: 'memoryBytes', 'ephemeral-storage': 'diskBytes' };
const read = [...Object.keys(heeded), 'cpu'];

/** What a step of the template may take. */
export function stepLimits(
  template: LeafTemplate,
  machine: MachineLimits = {},
): StepLimits {
  const limits: StepLimits & Record<string, number | undefined> = {
    memoryBytes: machine.memoryBytes ?? Math.floor(machineMemory() * 0.75),
    processes: machine.processes ?? 2048,
    diskBytes: machine.diskBytes ?? 10 * gibibyte,
  };
  const asked = containerOf(template).resources?.limits ?? {};
  for (const [name, key] of Object.entries(heeded)) {
    const value = asked[name] === undefined ? 0 : parseQuantity(asked[name]);
    if (value) limits[key] = Math.min(limits[key]!, Math.floor(value));
  }
  const cpus = asked.cpu === undefined ? 0 : parseQuantity(asked.cpu);
  return cpus ? { ...limits, cpus } : limits;
}

// A portal in a container has the container's memory, not the machine's.
function machineMemory(): number {
  return Math.min(os.totalmem(), process.constrainedMemory() || Infinity);
}

/** Limits of a template that cannot be read; tags that are not replaced yet are left for the start. */
export function limitProblems(template: LeafTemplate): StepProblem[] {
  const kind = template.script ? 'script' : 'container';
  const asked = containerOf(template).resources?.limits ?? {};
  return read
    .filter(name => asked[name] !== undefined)
    .filter(name => !String(asked[name]).includes('{{'))
    .filter(name => !(parseQuantity(asked[name])! > 0))
    .map(name => ({
      path: `${kind}.resources.limits.${name}`,
      code: 'unusable-limit',
      message: `resources.limits.${name} is '${asked[name]}', which is no quantity, as 512Mi is`,
    }));
}
