/* Label and field selectors, as far as clients of ours use them. */
import { Fault, type KubeObject } from './objects.ts';

type Selects = (object: KubeObject) => boolean;

export function selectorOf(labels?: string, fields?: string): Selects {
  const all = [
    ...split(labels).map(labelTest),
    ...split(fields).map(fieldTest),
  ];
  return object => all.every(test => test(object));
}

const split = (text = '') =>
  text.split(/,(?![^(]*\))/).filter(part => part.trim() !== '');

function labelTest(text: string): Selects {
  const part = text.trim();
  const labelOf = (object: KubeObject, name: string) =>
    object.metadata.labels?.[name];
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
  if (set) {
    const values = set[3].split(',').map(value => value.trim());
    return object =>
      values.includes(labelOf(object, set[1])) === (set[2] === 'in');
  }
  const pair = /^([^=!]+)(==|=|!=)(.*)$/.exec(part);
  if (pair)
    return object =>
      (labelOf(object, pair[1].trim()) === pair[3].trim()) !==
      (pair[2] === '!=');
  if (part.startsWith('!'))
    return object => labelOf(object, part.slice(1)) === undefined;
  if (/^[\w./-]+$/.test(part))
    return object => labelOf(object, part) !== undefined;
  throw new Fault(400, 'BadRequest', `unable to parse selector "${part}"`);
}

function fieldTest(text: string): Selects {
  const pair = /^(metadata\.(?:name|namespace))(==|=|!=)(.*)$/.exec(text);
  if (!pair)
    throw new Fault(
      400,
      'BadRequest',
      `field selector "${text}" not supported`,
    );
  const field = pair[1].slice('metadata.'.length);
  return object => (object.metadata[field] === pair[3]) !== (pair[2] === '!=');
}
