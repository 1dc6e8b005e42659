import { collect } from '../collect.ts';
import { countBy, options, write } from '../files.ts';
import type { Photo } from '../photo.ts';

const { count, seed, out } = options('count', 'seed', 'out');
const photos: Photo[] = [];
await collect(Number(count), Number(seed), (photo, jpeg) => {
  photos.push(photo);
  write(`${out}/${photo.file}`, jpeg);
});
write(`${out}/photos.json`, photos);
for (const { value, count: number } of countBy(photos, photo => photo.source))
  console.log(`${number} photos by ${value}`);
