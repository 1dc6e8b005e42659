import { draw, type Family } from './draw.ts';
import type { Photo } from './photo.ts';
import { random } from './random.ts';

/** Makes photos: Jen's and the townsfolk's, some pumpkins twice, some watermelons, some of poor quality, some sent again. */
export async function collect(
  count: number,
  seed: number,
  keep: (photo: Photo, jpeg: Buffer) => void,
): Promise<void> {
  const next = random(seed);
  const again = random(seed + 1);
  const newest = Date.parse('2026-11-01');
  for (let made = 0, pumpkin = 0; made < count; pumpkin++) {
    const source = next() < 0.55 ? ('jen' as const) : ('townsfolk' as const);
    const family: Family =
      source === 'townsfolk' && next() < 0.09
        ? 'watermelon'
        : next() < 0.03
        ? 'giant'
        : next() < 0.5
        ? 'bad'
        : 'good';
    const taken = new Date(
      newest - Math.floor(next() * (next() < 0.02 ? 900 : 90)) * 86_400_000,
    )
      .toISOString()
      .slice(0, 10);
    const shots = next() < 0.25 ? 2 : 1;
    for (let i = 0; i < shots && made < count; i++, made++) {
      const { jpeg, seen } = await draw({
        family,
        fruit: seed * 100_000 + pumpkin,
        shot: seed * 100_000 + made,
        source,
      });
      const file = fileOf(made);
      const label = family === 'bad' ? 'bad' : 'good';
      const photo = { label, source, pumpkin: `p${pumpkin}`, taken, ...seen };
      const sent = await spoil(jpeg, next);
      keep({ file, ...photo }, sent);
      // Who passes a photo on saves it anew: other bytes, the same picture.
      if (source === 'townsfolk' && again() < 0.05 && made + 1 < count) {
        made += 1;
        keep({ file: fileOf(made), ...photo }, await savedAnew(sent));
      }
    }
  }
}

const fileOf = (number: number) =>
  `photos/${String(number).padStart(4, '0')}.jpg`;

// What is no photo is passed on as it is.
async function savedAnew(jpeg: Buffer): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  return sharp(jpeg)
    .jpeg({ quality: 55 })
    .toBuffer()
    .catch(() => jpeg);
}

// Cameras fail: now and then a photo is tiny, black, smeared or no photo at all.
async function spoil(jpeg: Buffer, next: () => number): Promise<Buffer> {
  const luck = next();
  if (luck > 0.04) return jpeg;
  const { default: sharp } = await import('sharp');
  if (luck < 0.01) return sharp(jpeg).resize(24, 24).jpeg().toBuffer();
  if (luck < 0.02)
    return sharp(jpeg).modulate({ brightness: 0.08 }).jpeg().toBuffer();
  if (luck < 0.03) return sharp(jpeg).blur(9).jpeg().toBuffer();
  return jpeg.subarray(0, 40);
}
