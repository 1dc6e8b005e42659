import type { Seen } from './draw.ts';

export type Label = 'good' | 'bad';
export const labels: Label[] = ['bad', 'good'];

/** One photo with what its sender says. */
export interface Photo extends Seen {
  file: string;
  label: Label;
  source: 'jen' | 'townsfolk';
  /** The pumpkin on it: photos of one pumpkin stay in one split. */
  pumpkin: string;
  /** ISO date. */
  taken: string;
}

export const parts = ['train', 'validation', 'test'] as const;
export type Part = (typeof parts)[number];
/** A photo that is used, and for what. */
export type SplitPhoto = Photo & { part: Part };

export const side = 32;
export const pixelsPerPhoto = side * side * 3;
