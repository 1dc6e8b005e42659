import { createHash } from 'node:crypto';
import type { Part, Photo, SplitPhoto } from './photo.ts';

/** Splits 60 / 20 / 20 by pumpkin: photos of one pumpkin never stand in two parts. */
export function split(photos: Photo[], seed: number): SplitPhoto[] {
  return photos.map(photo => ({ ...photo, part: partOf(photo.pumpkin, seed) }));
}

function partOf(pumpkin: string, seed: number): Part {
  const share =
    createHash('sha256').update(`${seed} ${pumpkin}`).digest().readUInt32BE(0) /
    2 ** 32;
  return share < 0.6 ? 'train' : share < 0.8 ? 'validation' : 'test';
}
