/* Which names an expression speaks of, without evaluating it. */
import { builtins } from './builtins';
import { parseExpression, withPredicate, type Node } from './parse';
import { sprig } from './sprig';
import { isMap, type Mapping } from './values';

/** Names that an expression reads from its scope, as `steps.a.status`; what a computed key leads to is left out. */
export function namesIn(source: string): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (isMap(value)) {
      const whole =
        value.is === 'name' || value.is === 'member'
          ? pathOf(value as Node)
          : undefined;
      if (whole !== undefined) found.push(whole);
      else Object.values(value).forEach(visit);
    }
  };
  visit(parseExpression(source));
  return found;
}

/**
 * Names that an expression needs and the scope does not have. What `??` or `?.` stands for may be missing; the first word of its
 * name may not. Source: getIdentifiers and hasVarInEnv of Argo's util/template/expression_template.go.
 */
export function missingNames(source: string, scope: Mapping): string[] {
  const needed = new Set<string>();
  const visit = (value: unknown, isGuarded: boolean): void => {
    if (Array.isArray(value)) value.forEach(item => visit(item, isGuarded));
    if (!isMap(value)) return;
    const node = value as Node;
    if (node.is === 'binary' && node.operator === '??') {
      visit(node.left, true);
      visit(node.right, isGuarded);
      return;
    }
    if (node.is === 'member' && node.optional && node.of.is === 'member') {
      visit(node.of.of, isGuarded);
      visit(node.key, isGuarded);
      return;
    }
    if (node.is === 'call' && !isFunction(node.name)) needed.add(node.name);
    // What a name begins with comes before it: the first that is missing is told.
    Object.values(node).forEach(item => visit(item, isGuarded));
    const whole =
      node.is === 'name' || (node.is === 'member' && !isGuarded)
        ? pathOf(node, false)
        : undefined;
    if (whole !== undefined && !whole.startsWith('#')) needed.add(whole);
  };
  visit(parseExpression(source), false);
  return [...needed].filter(name => !hasName(scope, name.split('.')));
}

function hasName(scope: Mapping, parts: string[]): boolean {
  let place: unknown = scope;
  for (const part of parts) {
    if (!isMap(place) || !Object.hasOwn(place, part)) return part === '$env';
    place = place[part];
  }
  return true;
}

// `steps.a.status` of a chain of members; undefined where a key is computed, or `?.` stands where it may not.
function pathOf(node: Node, withOptional = true): string | undefined {
  if (node.is === 'name') return node.name;
  if (
    node.is !== 'member' ||
    (node.optional && !withOptional) ||
    node.key.is !== 'value' ||
    typeof node.key.value !== 'string'
  )
    return undefined;
  const of = pathOf(node.of, withOptional);
  return of === undefined ? undefined : `${of}.${node.key.value}`;
}

/** Whether expressions can call a function of that name. */
function isFunction(name: string): boolean {
  const table = name.startsWith('sprig.') ? sprig : builtins;
  return (
    withPredicate.has(name) ||
    Object.hasOwn(table, name.replace(/^sprig\./, ''))
  );
}
