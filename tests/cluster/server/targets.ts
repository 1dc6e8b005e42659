/* What a call is about: its path and method in the words of an RBAC rule, and what the server says of itself. */
import { Fault } from './objects.ts';

const argoKinds = [
  'workflows',
  'workflowtemplates',
  'clusterworkflowtemplates',
  'cronworkflows',
];
const coreKinds = ['pods', 'secrets', 'configmaps', 'events'];

/** What a path names. */
export interface Target {
  group: string;
  resource: string;
  namespace?: string;
  name?: string;
  sub?: string;
}

export function targetOf(path: string): Target {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const isCore = parts[0] === 'api';
  const rest = parts.slice(isCore ? 2 : 3);
  const group = isCore ? '' : parts[1];
  const namespaced = rest[0] === 'namespaces';
  const [resource, name, sub] = namespaced ? rest.slice(2) : rest;
  const known = group === 'argoproj.io' ? argoKinds : isCore ? coreKinds : [];
  if (!known.includes(resource))
    throw new Fault(404, 'NotFound', 'the server could not find the resource');
  return {
    group,
    resource,
    namespace: namespaced ? rest[1] : undefined,
    name,
    sub,
  };
}

export function verbOf(method: string, { name }: Target, url: URL): string {
  switch (method) {
    case 'GET':
      if (name !== undefined) return 'get';
      return url.searchParams.get('watch') === 'true' ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      throw new Fault(405, 'MethodNotAllowed', `${method} is not supported`);
  }
}

/** What the server says of itself; undefined for any other path. */
export function discovery(path: string): unknown {
  const list = (groupVersion: string, names: string[]) => ({
    kind: 'APIResourceList',
    groupVersion,
    resources: names.map(name => ({ name, namespaced: true })),
  });
  switch (path.replace(/\/$/, '')) {
    case '/version':
      return { major: '1', minor: '34', gitVersion: 'v1.34.0' };
    case '/api':
      return { kind: 'APIVersions', versions: ['v1'] };
    case '/apis':
      return {
        kind: 'APIGroupList',
        groups: [
          {
            name: 'argoproj.io',
            versions: [
              { groupVersion: 'argoproj.io/v1alpha1', version: 'v1alpha1' },
            ],
          },
        ],
      };
    case '/api/v1':
      return list('v1', coreKinds);
    case '/apis/argoproj.io/v1alpha1':
      return list('argoproj.io/v1alpha1', argoKinds);
    default:
      return undefined;
  }
}
