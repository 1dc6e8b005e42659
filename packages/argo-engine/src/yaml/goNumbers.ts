/*
 * Where Kubernetes' tools, whose reader is Go's, take a number otherwise than YAML 1.2: `0755` has digits of base eight. Rights of files
 * are nearly always written so.
 */
import type { ScalarTag, Tags } from 'yaml';

/** Digits of base eight, as Go reads them. */
export const octal = /^[-+]?0[0-7]+$/;

const octalTag: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  test: octal,
  resolve: text => parseInt(text, 8),
};

/** Tags of the core schema and Go's numbers, for the `customTags` of the parser. */
export const withGoNumbers = (tags: Tags): Tags => [octalTag, ...tags];
