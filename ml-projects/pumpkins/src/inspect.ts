/* Looks at a photo: can it be read, is it sharp and light enough, is it a watermelon, was it there before. */
import sharp from 'sharp';

/** What a photo is like. */
export interface Look {
  width: number;
  height: number;
  brightness: number;
  /** Variance of the Laplacian of the grey picture, 64 pixels wide: low is blurred. */
  sharpness: number;
  /** Share of the middle that is green. */
  green: number;
  /** The photo in 16 x 16 pixels, without its brightness. */
  thumbnail: number[];
}

/** Measures a photo; undefined when it cannot be decoded. */
export async function inspect(bytes: Buffer): Promise<Look | undefined> {
  try {
    const image = sharp(bytes, { limitInputPixels: 50_000_000 });
    const { width = 0, height = 0 } = await image.metadata();
    const [grey, small, colour] = await Promise.all([
      sharp(bytes).greyscale().resize(64, 64, { fit: 'fill' }).raw().toBuffer(),
      sharp(bytes)
        .removeAlpha()
        // What a JPEG decoder skips for speed depends on the size and would make a photo differ from itself.
        .resize(16, 16, { fit: 'fill', fastShrinkOnLoad: false })
        .raw()
        .toBuffer(),
      sharp(bytes)
        .removeAlpha()
        .resize(32, 32, { fit: 'fill' })
        .raw()
        .toBuffer(),
    ]);
    return {
      width,
      height,
      brightness: grey.reduce((sum, value) => sum + value, 0) / grey.length,
      sharpness: laplacian(grey, 64),
      green: greenShare(colour),
      thumbnail: withoutBrightness(small),
    };
  } catch {
    return undefined;
  }
}

function laplacian(grey: Buffer, size: number): number {
  const values: number[] = [];
  for (let y = 1; y < size - 1; y++)
    for (let x = 1; x < size - 1; x++) {
      const at = y * size + x;
      values.push(
        4 * grey[at] -
          grey[at - 1] -
          grey[at + 1] -
          grey[at - size] -
          grey[at + size],
      );
    }
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return (
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  );
}

function greenShare(rgb: Buffer): number {
  let green = 0;
  let all = 0;
  for (let y = 10; y < 24; y++)
    for (let x = 9; x < 23; x++) {
      const [r, g, b] = rgb.subarray((y * 32 + x) * 3, (y * 32 + x) * 3 + 3);
      all += 1;
      if (g > r * 1.12 && g > b * 1.12) green += 1;
    }
  return green / all;
}

function withoutBrightness(rgb: Buffer): number[] {
  const mean = rgb.reduce((sum, value) => sum + value, 0) / rgb.length;
  return Array.from(rgb, value => value - mean);
}

/**
 * A photo that was saved anew, made smaller or lit a little differs from itself by 1 to 5 of 255; photos of different pumpkins differ
 * by more than 6, two shots of one pumpkin by more than 15 (measured on 640 photos).
 */
const sameBelow = 5;

/** Whether two photos are one, though their files differ. */
export function isSame(a: Look, b: Look): boolean {
  let sum = 0;
  for (let i = 0; i < a.thumbnail.length; i++)
    sum += Math.abs(a.thumbnail[i] - b.thumbnail[i]);
  return sum / a.thumbnail.length < sameBelow;
}

/** Why a photo is set aside; undefined when it is good. */
export function fault(look: Look | undefined): string | undefined {
  if (!look) return 'It cannot be decoded as a photo.';
  if (Math.min(look.width, look.height) < 48)
    return `It is ${look.width} x ${look.height} pixels; at least 48 are needed.`;
  if (look.brightness < 25 || look.brightness > 235)
    return `Its brightness is ${look.brightness.toFixed(
      0,
    )}; 25 to 235 can be judged.`;
  if (look.sharpness < 40)
    return `It is blurred: sharpness ${look.sharpness.toFixed(
      0,
    )}, at least 40 is needed.`;
  if (look.green > 0.4)
    return `It looks like a watermelon: ${(look.green * 100).toFixed(
      0,
    )} % of the middle is green.`;
  return undefined;
}
