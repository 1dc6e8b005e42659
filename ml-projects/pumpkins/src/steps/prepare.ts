/* Brings all photos to one size, brightness and contrast, and says which part each is for. Some pairs are kept to be looked at. */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { options, readJson, write } from '../files.ts';
import { side, type Photo } from '../photo.ts';
import { toPixels } from '../pixels.ts';
import { split } from '../split.ts';

const given = options('photos', 'accepted', 'seed', 'out', 'pairs');
const accepted = readJson<{ name: string; digest: string; photos: Photo[] }>(
  given.accepted,
);
const photos = split(accepted.photos, Number(given.seed));
const pixels: Buffer[] = [];
for (const [i, photo] of photos.entries()) {
  const bytes = readFileSync(`${given.photos}/${photo.file}`);
  const after = await toPixels(bytes);
  pixels.push(after);
  if (i % Math.ceil(photos.length / 8) !== 0) continue;
  const name = photo.file.split('/').pop()!.replace('.jpg', '');
  write(`${given.pairs}/${name}-before.jpg`, bytes);
  write(
    `${given.pairs}/${name}-after.png`,
    await sharp(after, { raw: { width: side, height: side, channels: 3 } })
      .resize(128, 128, { kernel: 'nearest' })
      .png()
      .toBuffer(),
  );
}
write(`${given.out}/pixels.bin`, Buffer.concat(pixels));
write(`${given.out}/photos.json`, photos);
// Later steps say what they learned from, also when this one is not run again.
write(`${given.out}/dataset.json`, {
  name: accepted.name,
  digest: accepted.digest,
  rows: photos.length,
});
for (const part of ['train', 'validation', 'test'])
  console.log(
    `${part}: ${photos.filter(photo => photo.part === part).length} photos`,
  );
