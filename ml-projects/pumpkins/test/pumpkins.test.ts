import {
  loadTensorflow,
  seededRandom,
  seededShuffle,
  weightsDigest,
} from '@backstage-mlops/tfjs-runtime';
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import sharp from 'sharp';
import { collect } from '../src/collect.ts';
import { draw } from '../src/draw.ts';
import { fault, inspect, isSame, type Look } from '../src/inspect.ts';
import { build, predict, score, train, type Examples } from '../src/network.ts';
import type { Photo } from '../src/photo.ts';
import { toPixels } from '../src/pixels.ts';
import { split } from '../src/split.ts';
import { wilson } from '../src/wilson.ts';

const settings = { seed: 7, epochs: 8, rate: 0.004, filters: 6 };
const photos: Photo[] = [];
const bytes = new Map<string, Buffer>();
let used: Photo[];
before(async () => {
  await collect(260, 7, (photo, jpeg) => {
    photos.push(photo);
    bytes.set(photo.file, jpeg);
  });
  used = [];
  const looks: Look[] = [];
  for (const photo of photos) {
    const look = await inspect(bytes.get(photo.file)!);
    if (!look || fault(look) || looks.some(other => isSame(other, look)))
      continue;
    looks.push(look);
    used.push(photo);
  }
});

async function examples(part: string): Promise<Examples> {
  const own = split(used, 7).filter(photo => photo.part === part);
  return {
    pixels: Buffer.concat(
      await Promise.all(own.map(photo => toPixels(bytes.get(photo.file)!))),
    ),
    labels: own.map(photo => photo.label),
  };
}

test('the same seed gives the same photos', async () => {
  const scene = { family: 'bad', fruit: 3, shot: 4, source: 'jen' } as const;
  assert.deepEqual((await draw(scene)).jpeg, (await draw(scene)).jpeg);
  assert.notDeepEqual(
    (await draw(scene)).jpeg,
    (await draw({ ...scene, shot: 5 })).jpeg,
  );
});

test('photos of one pumpkin are in one part, and every part has both labels', () => {
  const parts = new Map<string, Set<string>>();
  for (const photo of split(used, 7))
    parts.set(
      photo.pumpkin,
      (parts.get(photo.pumpkin) ?? new Set()).add(photo.part),
    );
  assert.ok([...parts.values()].every(set => set.size === 1));
  for (const part of ['train', 'validation', 'test'])
    assert.equal(
      new Set(
        split(used, 7)
          .filter(photo => photo.part === part)
          .map(photo => photo.label),
      ).size,
      2,
      part,
    );
  assert.ok(
    photos.length > new Set(photos.map(photo => photo.pumpkin)).size,
    'some pumpkins were photographed twice',
  );
});

test('watermelons, tiny, dark, blurred and broken photos are set aside with the reason', async () => {
  const { jpeg } = await draw({
    family: 'good',
    fruit: 1,
    shot: 1,
    source: 'jen',
  });
  const reason = async (photo: Buffer) => fault(await inspect(photo));
  assert.equal(await reason(jpeg), undefined);
  assert.match(
    (await reason(
      (
        await draw({ family: 'watermelon', fruit: 1, shot: 1, source: 'jen' })
      ).jpeg,
    ))!,
    /watermelon/,
  );
  assert.match(
    (await reason(await sharp(jpeg).resize(20, 20).toBuffer()))!,
    /20 x 20 pixels/,
  );
  assert.match(
    (await reason(
      await sharp(jpeg).modulate({ brightness: 0.05 }).toBuffer(),
    ))!,
    /brightness/,
  );
  assert.match(
    (await reason(await sharp(jpeg).blur(10).toBuffer()))!,
    /blurred/,
  );
  assert.match((await reason(jpeg.subarray(0, 30)))!, /decoded/);
});

test('a photo that comes again is known, however it was saved; no other photo is taken for it', async () => {
  const looks = (
    await Promise.all(
      photos.map(async photo => ({
        photo,
        look: (await inspect(bytes.get(photo.file)!))!,
      })),
    )
  ).filter(({ look }) => look && !fault(look));
  const pairs = looks.flatMap(({ photo, look }, i) =>
    looks
      .slice(i + 1)
      .filter(other => isSame(look, other.look))
      .map(other => [photo.pumpkin, other.photo.pumpkin]),
  );
  assert.ok(pairs.length > 0, 'townsfolk pass photos on');
  for (const [one, other] of pairs) assert.equal(one, other);
  for (const { photo, look } of looks.slice(0, 20))
    for (const saved of [
      sharp(bytes.get(photo.file)!).jpeg({ quality: 40 }),
      sharp(bytes.get(photo.file)!).linear(1.05, 3).jpeg(),
    ])
      assert.ok(isSame(look, (await inspect(await saved.toBuffer()))!));
});

test('it learns, the same seed gives the same weights, and shuffled labels are chance', async () => {
  const { tf } = await loadTensorflow({ prefer: 'wasm' });
  const [seen, held] = [await examples('train'), await examples('test')];
  const fit = async (data: Examples) => {
    const model = build(tf, settings);
    await train(tf, model, data, settings, () => {});
    return {
      digest: weightsDigest(model),
      accuracy: score(predict(tf, model, held), held.labels).accuracy,
    };
  };
  const first = await fit(seen);
  assert.ok(first.accuracy > 0.85, `accuracy ${first.accuracy}`);
  assert.equal((await fit(seen)).digest, first.digest);
  const lucky = [];
  for (let i = 1; i <= 4; i++)
    lucky.push(
      (
        await fit({
          ...seen,
          labels: seededShuffle(seen.labels, seededRandom(i)),
        })
      ).accuracy,
    );
  const mean = lucky.reduce((a, b) => a + b, 0) / lucky.length;
  assert.ok(mean > 0.3 && mean < 0.7, `shuffled: ${lucky}`);
});

test('Wilson intervals match the textbook', () => {
  const { lower, upper } = wilson(8, 10);
  assert.ok(Math.abs(lower - 0.4902) < 1e-3 && Math.abs(upper - 0.9433) < 1e-3);
});
