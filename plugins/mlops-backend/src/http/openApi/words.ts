/* Words of which the OpenAPI document is made. */
export type Schema = Record<string, unknown>;

export const text: Schema = { type: 'string' };
export const number: Schema = { type: 'number' };
export const time: Schema = { type: 'string', format: 'date-time' };
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const ref = (name: string): Schema => ({
  $ref: `#/components/schemas/${name}`,
});
export const object = (
  properties: Record<string, Schema>,
  required: string[] = [],
  more: Schema = {},
): Schema => ({ type: 'object', properties, required, ...more });
export const closed = { additionalProperties: false };
/** An object without further fields. */
export const exact = (
  properties: Record<string, Schema>,
  required: string[],
): Schema => object(properties, required, closed);
export const map = (values: Schema): Schema => ({
  type: 'object',
  additionalProperties: values,
});
export const choice = (...values: string[]): Schema => ({
  type: 'string',
  enum: values,
});
export const wholeNumber = (minimum: number, maximum?: number): Schema => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
});
/** How many items a page of a list may have. */
export const pageSize = { limit: wholeNumber(1, 200) };
export const phase = choice(
  'Pending',
  'Running',
  'Succeeded',
  'Failed',
  'Error',
);
export const direction = choice('higher', 'lower');
export const trigger = object(
  {
    kind: choice('person', 'schedule', 'change', 'cluster', 'first-run'),
    by: text,
    scheduledFor: time,
    change: text,
  },
  ['kind', 'by'],
  closed,
);

export const json = (name: string, description: string) => ({
  description,
  content: { 'application/json': { schema: ref(name) } },
});
export const errors = {
  '400': json('Error', 'A field is wrong; the message names it and its value.'),
  '401': json('Error', 'Not signed in.'),
  '403': json('Error', 'Seen, but not allowed.'),
  '404': json('Error', 'Not there, or not the caller’s to see.'),
};
export const inPath = (...names: string[]) =>
  names.map(name => ({ name, in: 'path', required: true, schema: text }));
const one = (name: string, schema: Schema) => ({
  name,
  in: 'query',
  required: false,
  schema,
});
/** Parameters of the query that are any text. What a query says beside its parameters is refused. */
export const inQuery = (...names: string[]) =>
  names.map(name => one(name, text));
/** Parameters of the query that are no mere text. */
export const typedInQuery = (schemas: Record<string, Schema>) =>
  Object.entries(schemas).map(([name, schema]) => one(name, schema));
export const get = (
  summary: string,
  answer: string,
  parameters: object[] = [],
) => ({
  get: {
    summary,
    parameters,
    responses: { '200': json(answer, summary), ...errors },
  },
});
interface RequiredBody {
  schema: string;
}
/** A body without which the request is refused. */
export const needs = (schema: string): RequiredBody => ({ schema });
const bodyOf = (schema: string) => ({
  content: { 'application/json': { schema: ref(schema) } },
});
export const post = (
  summary: string,
  answer: string,
  parameters: object[] = [],
  body?: string | RequiredBody,
  status: '200' | '201' = '200',
) => ({
  post: {
    summary,
    parameters,
    ...(body
      ? {
          requestBody:
            typeof body === 'string'
              ? { required: false, ...bodyOf(body) }
              : { required: true, ...bodyOf(body.schema) },
        }
      : {}),
    responses: {
      [status]: json(answer, summary),
      ...errors,
      '409': json('Error', 'It is not in a state for this.'),
    },
  },
});
export const bytes = (summary: string, parameters: object[]) => ({
  get: {
    summary,
    parameters,
    responses: {
      '200': {
        description: 'The bytes, with a safe content type.',
        content: { '*/*': {} },
      },
      ...errors,
    },
  },
});
