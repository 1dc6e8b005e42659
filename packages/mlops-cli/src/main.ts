import { parseArgs } from 'node:util';
import { lint, type LintOutput } from './lint';
import { run } from './run';
import { WrongUse } from './WrongUse';

const usage = `Usage:
  mlops lint <path...> [--output text|json|github]
  mlops run <file> [-p name=value]... [--entrypoint template] [--workdir folder] [--image name=folder:target]...`;

const outputs: LintOutput[] = ['text', 'json', 'github'];

/** Does what the arguments say and gives the exit code: 0, 1 for faults or a run that failed, 2 for wrong use. @public */
export async function main(args: string[]): Promise<number> {
  const [command, ...rest] = args;
  try {
    switch (command) {
      case 'lint':
        return await lintCommand(rest);
      case 'run':
        return await runCommand(rest);
      case undefined:
      case 'help':
      case '--help':
      case '-h':
        process.stdout.write(`${usage}\n`);
        return command === undefined ? 2 : 0;
      default:
        throw new WrongUse(`'${command}' is not a command.\n${usage}`);
    }
  } catch (error) {
    const wrong = error as Error & { code?: string };
    if (!(wrong instanceof WrongUse) && !wrong.code?.startsWith('ERR_PARSE'))
      throw error;
    process.stderr.write(`${wrong.message}\n`);
    return 2;
  }
}

async function lintCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { output: { type: 'string', short: 'o', default: 'text' } },
  });
  if (positionals.length === 0)
    throw new WrongUse(`mlops lint needs a path.\n${usage}`);
  const output = outputs.find(name => name === values.output);
  if (!output)
    throw new WrongUse(
      `--output is '${values.output}'; it can be ${outputs.join(', ')}.`,
    );
  return lint(positionals, output, text => process.stdout.write(text));
}

async function runCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      parameter: { type: 'string', short: 'p', multiple: true, default: [] },
      entrypoint: { type: 'string' },
      workdir: { type: 'string' },
      image: { type: 'string', multiple: true, default: [] },
    },
  });
  if (positionals.length !== 1)
    throw new WrongUse(`mlops run takes one file.\n${usage}`);
  return run({
    file: positionals[0],
    parameters: Object.fromEntries(
      values.parameter.map(text => pairOf(text, '-p', 'name=value')),
    ),
    entrypoint: values.entrypoint,
    workdir: values.workdir,
    images: values.image.map(text => {
      const [image, places] = pairOf(text, '--image', 'name=folder:target');
      const [source, target] = places.split(/:(?=\/)/);
      if (!target)
        throw new WrongUse(
          `--image ${text} must be name=folder:target, as node:22=./node_modules:/srv/node_modules.`,
        );
      return { image, source, target };
    }),
  });
}

function pairOf(text: string, option: string, form: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new WrongUse(`${option} ${text} must be ${form}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}
