import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { Trouble } from '../say.mjs';

const otherwise = 'Steps train with WebAssembly here, which needs nothing.';

/** Throws a Trouble when this machine cannot have the binding: another platform, an old processor, no compiler. */
export function checkMachine() {
  const { platform, arch } = process;
  if (platform !== 'linux' || arch !== 'x64')
    throw new Trouble(
      `The native binding is offered for Linux on x64 only, and this is ${platform} on ${arch}. ${otherwise}`,
    );
  if (!process.report.getReport().header.glibcVersionRuntime)
    throw new Trouble(
      `The native binding needs glibc, and this Linux has another C library. ${otherwise}`,
    );
  if (!/^flags\s*:.*\bavx\b/m.test(fs.readFileSync('/proc/cpuinfo', 'utf8')))
    throw new Trouble(
      `TensorFlow needs a processor with AVX, which this one lacks. ${otherwise}`,
    );
  compiler();
}

/** The C++ compiler: CXX, g++, c++ or clang++, in this order; a Trouble when there is none. */
export function compiler() {
  const found = [process.env.CXX, 'g++', 'c++', 'clang++'].find(
    name =>
      name && spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
  );
  if (!found)
    throw new Trouble(
      'A C++ compiler is missing. Install one (Debian: apt-get install g++) and run npm run setup:tfjs-native again.',
    );
  return found;
}
