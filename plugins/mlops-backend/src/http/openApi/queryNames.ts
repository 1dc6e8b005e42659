/* What the query of a route may say, as the document describes it: who checks a call reads the same words that a client reads. */
import { openApiDocument } from './document';

interface Described {
  in: string;
  name: string;
}

/** The path of an express route as OpenAPI writes it. */
export const toOpenApiPath = (path: string): string =>
  path.replace(/:(\w+)/g, '{$1}').replace('*', '{path}');

/** Names of the parameters that the query of a route may have; none for a route that is not described. */
export function queryNames(route: { method: string; path: string }): string[] {
  const paths: Record<
    string,
    Record<string, { parameters?: Described[] }>
  > = openApiDocument.paths as never;
  const described = paths[toOpenApiPath(route.path)]?.[route.method];
  return (described?.parameters ?? [])
    .filter(parameter => parameter.in === 'query')
    .map(parameter => parameter.name);
}
