/* GitHub's published description of its API: examples to build answers from, and schemas that every answer is held against. */
import Ajv, { type ValidateFunction } from 'ajv';
import fs from 'node:fs';

const description = JSON.parse(
  fs.readFileSync(
    require.resolve('@octokit/openapi/generated/api.github.com.json'),
    'utf8',
  ),
);
// As JSON Schema has it: OpenAPI's `nullable` without a type means that null is one of the values.
function withNull(node: any): any {
  if (Array.isArray(node)) return node.map(withNull);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, withNull(value)]),
  );
  if (nullable !== true)
    return nullable === undefined ? rest : { ...rest, nullable };
  return 'type' in rest
    ? { ...rest, nullable }
    : { anyOf: [rest, { type: 'null' }] };
}

const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
ajv.addSchema(withNull(description), 'github');
const compiled = new Map<string, ValidateFunction>();

const pointer = (parts: string[]) =>
  parts
    .map(part =>
      encodeURIComponent(part.replace(/~/g, '~0').replace(/\//g, '~1')),
    )
    .join('/');

function check(place: string[], value: unknown): string | undefined {
  const at = pointer(place);
  if (!compiled.has(at))
    compiled.set(at, ajv.compile({ $ref: `github#/${at}` }));
  const validate = compiled.get(at)!;
  return validate(value)
    ? undefined
    : ajv.errorsText(validate.errors?.slice(0, 5));
}

// Follows references of the description itself.
function resolved(place: string[]): { place: string[]; value: any } {
  const value = place.reduce<any>((node, key) => node?.[key], description);
  return value?.$ref
    ? resolved(
        value.$ref
          .slice(2)
          .split('/')
          .map((key: string) => key.replace(/~1/g, '/').replace(/~0/g, '~')),
      )
    : { place, value };
}

/** A fresh copy of one of GitHub's examples. */
export function example(name: string): any {
  const { value } = resolved(['components', 'examples', name]);
  return structuredClone(value.value);
}

/** What is wrong with an answer by the description; undefined when nothing is, or when the operation has no such answer. */
export function faultOfAnswer(
  operation: { path: string; method: string },
  status: number,
  body: unknown,
): string | undefined {
  const base = ['paths', operation.path, operation.method];
  if (!resolved(base).value)
    return `there is no ${operation.method} ${operation.path}`;
  const { place, value } = resolved([...base, 'responses', String(status)]);
  if (!value)
    return `${operation.method} ${operation.path} never answers ${status}`;
  if (body === undefined || !value.content) return undefined;
  const type = Object.keys(value.content)[0];
  return check([...place, 'content', type, 'schema'], body);
}

/** What is wrong with the body of a call by the description. */
export function faultOfCall(
  operation: { path: string; method: string },
  body: unknown,
): string | undefined {
  const base = ['paths', operation.path, operation.method, 'requestBody'];
  const { place, value } = resolved(base);
  if (!value) return undefined;
  return check([...place, 'content', 'application/json', 'schema'], body);
}
