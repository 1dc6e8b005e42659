/* Images a second while a small network learns, on every backend that loads here. Each in a process of its own, in turns. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { inTurns, tell } from './measure.ts';

const program = path.join(import.meta.dirname, 'trainOnce.ts');

function train(backend: string): { perSecond: number; perCpuSecond: number } {
  const output = execFileSync(
    process.execPath,
    ['--no-warnings', program, backend],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return JSON.parse(output.trim().split('\n').pop()!);
}

const loads = (backend: string) => {
  try {
    train(backend);
    return true;
  } catch {
    return false;
  }
};

const backends = ['wasm', 'native'].filter(loads);
const cpu: Record<string, number[]> = {};
const seen = await inTurns(
  3,
  Object.fromEntries(
    backends.map(backend => [
      backend,
      async () => {
        const { perSecond, perCpuSecond } = train(backend);
        (cpu[backend] ??= []).push(perCpuSecond);
        return perSecond;
      },
    ]),
  ),
);
console.log(
  '64 x 64 x 3 pixels, two convolutions of 8 and 16 filters, Adam, batches of 32',
);
for (const backend of backends)
  tell(
    `  ${backend}`,
    `${seen[backend].toFixed(0)} images/s`,
    `${Math.max(...cpu[backend]).toFixed(0)} a processor second, ${(
      seen[backend] / seen.wasm
    ).toFixed(1)} x wasm`,
  );
if (!backends.includes('native'))
  console.log('  native: absent here, npm run setup:tfjs-native makes it');
