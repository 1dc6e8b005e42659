import sharp from 'sharp';
import { side } from './photo.ts';

/** A photo as the model sees it: one size, brightness and contrast stretched. */
export function toPixels(bytes: Buffer): Promise<Buffer> {
  return sharp(bytes)
    .removeAlpha()
    .resize(side, side, { fit: 'cover' })
    .normalise({ lower: 1, upper: 99 })
    .raw()
    .toBuffer();
}
