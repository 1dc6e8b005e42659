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
export const map = (values: Schema): Schema => ({
  type: 'object',
  additionalProperties: values,
});
export const choice = (...values: string[]): Schema => ({
  type: 'string',
  enum: values,
});

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
export const inQuery = (...names: string[]) =>
  names.map(name => ({ name, in: 'query', required: false, schema: text }));
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
export const post = (
  summary: string,
  answer: string,
  parameters: object[] = [],
  body?: string,
  status: '200' | '201' = '200',
) => ({
  post: {
    summary,
    parameters,
    ...(body
      ? {
          requestBody: {
            required: false,
            content: { 'application/json': { schema: ref(body) } },
          },
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
