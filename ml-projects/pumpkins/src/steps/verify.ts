/* Sets aside what cannot be used, each with its reason, and reports what is left. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { countBy, options, readJson, write } from '../files.ts';
import { fault, inspect, isSame, type Look } from '../inspect.ts';
import type { Photo } from '../photo.ts';

const given = options('photos', 'out');
const client = fromEnvironment();
const photos = readJson<Photo[]>(`${given.photos}/photos.json`);
const newest = Math.max(...photos.map(photo => Date.parse(photo.taken)));
const good: (Photo & { look: Look })[] = [];
const setAside: { photo: Photo; reason: string }[] = [];
for (const photo of photos) {
  const look = await inspect(readFileSync(`${given.photos}/${photo.file}`));
  const age = Math.round((newest - Date.parse(photo.taken)) / 86_400_000);
  const twin = look && good.find(other => isSame(other.look, look));
  const reason =
    fault(look) ??
    (age > 400
      ? `It is ${age} days older than the newest photo; at most 400.`
      : undefined) ??
    (twin ? `It is the same as ${twin.file}.` : undefined);
  if (reason) setAside.push({ photo, reason });
  else good.push({ ...photo, look: look! });
}
const digest = `sha256:${good
  .reduce(
    (hash, photo) =>
      hash
        .update(photo.label)
        .update(readFileSync(`${given.photos}/${photo.file}`)),
    createHash('sha256'),
  )
  .digest('hex')}`;
const byLabel = countBy(good, photo => photo.label);
const rarer = Math.min(...byLabel.map(({ count }) => count)) / good.length;
const histogram = (feature: 'brightness' | 'sharpness' | 'green') => {
  const values = good.map(({ look }) => look[feature]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const counts = Array(10).fill(0);
  for (const value of values)
    counts[
      Math.min(9, Math.floor(((value - low) / (high - low || 1)) * 10))
    ] += 1;
  return {
    feature,
    edges: Array.from({ length: 11 }, (_, i) =>
      Number((low + ((high - low) * i) / 10).toFixed(3)),
    ),
    counts,
  };
};
const samples = good.filter((_, i) => i % Math.ceil(good.length / 24) === 0);
const shown = setAside
  .filter(({ reason }) => !reason.startsWith('It cannot'))
  .slice(0, 40);
for (const [folder, list] of [
  ['samples', samples],
  ['set-aside', shown.map(({ photo }) => photo)],
] as const)
  for (const photo of list)
    await client.logArtifact(
      `datasets/photos/${folder}/${photo.file.split('/').pop()}`,
      readFileSync(`${given.photos}/${photo.file}`),
    );
const name = (photo: Photo) => photo.file.split('/').pop();
const check = (
  title: string,
  passed: boolean,
  value: number | string,
  limit: string,
  message: string,
) => ({
  name: title,
  status: passed ? 'passed' : 'warning',
  value,
  limit,
  message,
});
const setAsideAs = (words: string) =>
  setAside.filter(({ reason }) => reason.includes(words)).length;
const watermelons = setAsideAs('watermelon');
const twins = setAsideAs('the same as');
const old = setAsideAs('days older');
const report = {
  name: 'photos',
  digest,
  rows: good.length,
  setAsideRows: setAside.length,
  counts: [
    { by: 'label', values: byLabel },
    { by: 'source', values: countBy(good, photo => photo.source) },
    { by: 'light', values: countBy(good, photo => photo.light) },
    {
      by: 'reason',
      values: countBy(setAside, ({ reason }) =>
        reason.replace(/\d+(\.\d+)?/g, '…'),
      ),
    },
  ],
  histograms: [
    histogram('brightness'),
    histogram('sharpness'),
    histogram('green'),
  ],
  checks: [
    check(
      'quality',
      setAside.length < photos.length / 5,
      setAside.length,
      'fewer than a fifth',
      `${setAside.length} of ${photos.length} photos were set aside.`,
    ),
    check(
      'watermelon',
      watermelons < photos.length / 10,
      watermelons,
      'fewer than a tenth',
      `${watermelons} photos look like watermelons.`,
    ),
    check(
      'near-duplicates',
      twins < photos.length / 10,
      twins,
      'fewer than a tenth',
      `${twins} photos were there before, saved anew.`,
    ),
    check(
      'freshness',
      old < photos.length / 10,
      old,
      'fewer than a tenth',
      `${old} photos are more than 400 days older than the newest.`,
    ),
    check(
      'balance',
      rarer >= 0.25,
      Number(rarer.toFixed(3)),
      'at least 0.25',
      `The rarer label has ${(rarer * 100).toFixed(0)} %.`,
    ),
    check(
      'enough photos',
      good.length >= 60,
      good.length,
      'at least 60',
      `${good.length} photos can be used.`,
    ),
  ],
  samples: samples.map(photo => ({
    path: `samples/${name(photo)}`,
    label: photo.label,
    source: photo.source,
  })),
  setAside: [
    ...shown.map(({ photo, reason }) => ({
      path: `set-aside/${name(photo)}`,
      reason,
      label: photo.label,
      source: photo.source,
    })),
    ...setAside
      .filter(({ reason }) => reason.startsWith('It cannot'))
      .slice(0, 20)
      .map(({ photo, reason }) => ({
        reason,
        label: photo.label,
        source: photo.source,
      })),
  ],
};
await client.logArtifact('datasets/photos/report.json', JSON.stringify(report));
console.log(
  `${good.length} photos are good, ${setAside.length} were set aside:`,
);
for (const { photo, reason } of setAside)
  console.log(`  ${photo.file}: ${reason}`);
if (good.length < 60)
  throw new Error(
    `only ${good.length} photos can be used; at least 60 are needed`,
  );
write(given.out, {
  name: 'photos',
  digest,
  photos: good.map(({ look: _look, ...photo }) => photo),
});
