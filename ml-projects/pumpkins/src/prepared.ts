import { readFileSync } from 'node:fs';
import { readJson } from './files.ts';
import type { Examples } from './network.ts';
import { pixelsPerPhoto, type Part, type SplitPhoto } from './photo.ts';

/** Prepared photos of one part, from the folder that `prepare` wrote. */
export function readPart(
  folder: string,
  part: Part,
): Examples & { photos: SplitPhoto[] } {
  const all = readJson<SplitPhoto[]>(`${folder}/photos.json`);
  const bytes = readFileSync(`${folder}/pixels.bin`);
  const places = all
    .map((photo, i) => ({ photo, i }))
    .filter(({ photo }) => photo.part === part);
  const pixels = new Uint8Array(places.length * pixelsPerPhoto);
  places.forEach(({ i }, at) =>
    pixels.set(
      bytes.subarray(i * pixelsPerPhoto, (i + 1) * pixelsPerPhoto),
      at * pixelsPerPhoto,
    ),
  );
  return {
    pixels,
    labels: places.map(({ photo }) => photo.label),
    photos: places.map(({ photo }) => photo),
  };
}
