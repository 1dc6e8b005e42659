/* What may be searched for and put in order, by kind of thing, and with which operators. Source: mlflow/utils/search_utils.py 3.17. */
import { invalid } from '../errors';
import { parseFilter, type Comparison } from './parseFilter';

/** One kind of thing that is searched. */
export interface SearchTarget {
  /** Kinds of facts, each with the words that mean it. */
  entities: Partial<Record<FactKind, string[]>>;
  /** Attributes that are texts, and those that are numbers. */
  texts: string[];
  numbers: string[];
  /** A number may be written as a text. */
  takesQuotedNumbers?: boolean;
  /** Attributes that may be compared with a list. */
  lists: string[];
  /** Other names of attributes. */
  aliases?: Record<string, string>;
  /** Attributes that give an order, and the kinds of other facts that do. */
  orders: string[];
  orderKinds: FactKind[];
  /** Kinds that may be asked whether they are there. */
  nullable: FactKind[];
}

export type FactKind = 'metric' | 'parameter' | 'tag' | 'attribute' | 'dataset';

/** A comparison that a target allows. */
export interface Condition {
  kind: FactKind;
  key: string;
  operator: string;
  value: string | number | string[] | undefined;
}

/** One order of a list. */
export interface Order {
  kind: FactKind;
  key: string;
  descending: boolean;
}

const numeric = ['=', '!=', '<', '<=', '>', '>='];
const textual = ['=', '!=', 'LIKE', 'ILIKE'];
const datasetKeys = ['name', 'digest', 'context'];
const isNullTest = (operator: string) => operator.startsWith('IS ');

/** Conditions of a filter, if the target allows them. */
export const toConditions = (filter: string, target: SearchTarget) =>
  parseFilter(filter).map(item => toCondition(item, target));

function toCondition(written: Comparison, target: SearchTarget): Condition {
  const kind = kindOf(written.entity, target);
  const key = keyOf(kind, written.key, target, [
    ...target.texts,
    ...target.numbers,
  ]);
  const { operator } = written;
  const isNumber =
    kind === 'metric' || (kind === 'attribute' && target.numbers.includes(key));
  const takesList =
    kind === 'dataset' || (kind === 'attribute' && target.lists.includes(key));
  const allowed = [
    ...(isNumber ? numeric : textual),
    ...(takesList ? ['IN', 'NOT IN'] : []),
    ...(target.nullable.includes(kind) ? ['IS NULL', 'IS NOT NULL'] : []),
  ];
  if (isNullTest(operator) && !allowed.includes(operator))
    throw invalid(
      `IS NULL / IS NOT NULL is only supported for ${target.nullable
        .map(item => (item === 'parameter' ? 'params' : `${item}s`))
        .sort()
        .reverse()
        .join(' and ')}, not for ${kind} '${written.key}'`,
    );
  const value = valueOf(written, { kind, key, isNumber, takesList, target });
  if (!allowed.includes(operator))
    throw invalid(
      `Invalid comparator '${operator}' not one of '${allowed.join(', ')}'`,
    );
  return { kind, key, operator, value };
}

function kindOf(entity: string | undefined, target: SearchTarget): FactKind {
  if (entity === undefined) return 'attribute';
  const found = Object.entries(target.entities).find(([, words]) =>
    words.includes(entity),
  );
  if (!found)
    throw invalid(
      `Invalid entity type '${entity.slice(
        0,
        100,
      )}'. Valid values are [${Object.keys(target.entities)
        .map(kind => `'${kind}'`)
        .join(', ')}]`,
    );
  return found[0] as FactKind;
}

function keyOf(
  kind: FactKind,
  key: string,
  target: SearchTarget,
  attributes: string[],
): string {
  const aliases = Object.entries(target.aliases ?? {});
  const known =
    kind === 'attribute'
      ? [
          ...attributes,
          ...aliases
            .filter(([, meant]) => attributes.includes(meant))
            .map(([alias]) => alias),
        ]
      : kind === 'dataset'
      ? datasetKeys
      : undefined;
  if (known && !known.includes(key))
    throw invalid(
      `Invalid ${kind} key '${key.slice(
        0,
        100,
      )}' specified. Valid keys are '{${known
        .map(item => `'${item}'`)
        .join(', ')}}'`,
    );
  return kind === 'attribute' ? target.aliases?.[key] ?? key : key;
}

interface Asked {
  kind: FactKind;
  key: string;
  isNumber: boolean;
  takesList: boolean;
  target: SearchTarget;
}

function valueOf({ operator, value }: Comparison, asked: Asked) {
  const { kind, key, isNumber, takesList, target } = asked;
  if (value.kind === 'none') return undefined;
  if (value.kind === 'list') {
    if (!takesList)
      throw invalid(
        `Only [${target.lists
          .map(item => `'${item}'`)
          .join(
            ', ',
          )}] attributes support comparison with a list of quoted string values.`,
      );
    if (!operator.endsWith('IN'))
      throw invalid(`Invalid comparison clause: ${operator} with a list`);
    return value.texts;
  }
  if (operator === 'IN' || operator === 'NOT IN')
    throw invalid(
      `Expected a list of quoted string values after ${operator}. Got value ${value.shown}`,
    );
  if (isNumber) {
    if (value.kind === 'number')
      return kind === 'attribute'
        ? checkWhole(key, value.number)
        : value.number;
    if (
      target.takesQuotedNumbers &&
      value.kind === 'text' &&
      /^-?\d{1,15}$/.test(value.text)
    )
      return Number(value.text);
    throw invalid(
      kind === 'metric'
        ? `Expected numeric value type for metric. Found ${value.shown}`
        : `Expected numeric value type for numeric attribute: ${key}. Found ${value.shown}`,
    );
  }
  if (value.kind === 'text') return value.text;
  if (value.kind === 'word')
    throw invalid(
      `Parameter value is either not quoted or unidentified quote types used for string value ${value.shown}. Use either single or double quotes.`,
    );
  const named = kind === 'dataset' ? 'dataset attributes' : `${kind}s`;
  throw invalid(
    kind === 'parameter' || kind === 'tag'
      ? `Expected a quoted string value for ${kind} (e.g. 'my-value'). Got value ${value.shown}`
      : `Expected a quoted string value for ${named}. Got value ${value.shown}`,
  );
}

function checkWhole(key: string, number: number): number {
  if (Number.isInteger(number)) return number;
  throw invalid(`Invalid value for numeric attribute '${key}': '${number}'`);
}

/** Orders of a list. */
export const toOrders = (texts: string[], target: SearchTarget): Order[] =>
  texts.map(text => toOrder(text, target));

const ordering =
  /^\s*(?:(\w+)\.)?(?:`([^`]+)`|"([^"]+)"|([\p{L}\p{N}_.\-/]+))(?:\s+(\S+))?\s*$/u;

function toOrder(text: string, target: SearchTarget): Order {
  const [, entity, ...rest] = ordering.exec(text) ?? [];
  const shown = text.slice(0, 100);
  const key = rest[0] ?? rest[1] ?? rest[2];
  if (key === undefined)
    throw invalid(`Invalid order_by clause '${shown}'. Could not be parsed.`);
  const direction = (rest[3] ?? 'asc').toLowerCase();
  if (direction !== 'asc' && direction !== 'desc')
    throw invalid(`Invalid ordering key in order_by clause '${shown}'.`);
  const kind = kindOf(entity, target);
  if (kind !== 'attribute' && !target.orderKinds.includes(kind))
    throw invalid(`Invalid order_by entity: ${kind}`);
  return {
    kind,
    key: keyOf(kind, key, target, target.orders),
    descending: direction === 'desc',
  };
}
