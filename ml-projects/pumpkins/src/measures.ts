/* Numbers that a person could name: hue, roundness, texture, share of rot. */
import { side } from './photo.ts';

export const measureNames = [
  'hue',
  'roundness',
  'texture',
  'rot_share',
] as const;
export type Measures = Record<(typeof measureNames)[number], number>;

/** Measures a prepared photo (32 x 32 RGB). */
export function measure(rgb: Uint8Array): Measures {
  const skin: { x: number; y: number; hue: number; value: number }[] = [];
  let dark = 0;
  let inside = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [r, g, b] = [0, 1, 2].map(i => rgb[(y * side + x) * 3 + i]);
      const [top, low] = [Math.max(r, g, b), Math.min(r, g, b)];
      if (r > g && g >= b && top - low > 60)
        skin.push({ x, y, hue: (60 * (g - b)) / (top - low), value: top });
      if (Math.hypot(x - 15.5, y - 17) < 8) {
        inside += 1;
        if (top < 90) dark += 1;
      }
    }
  const mean = (of: (point: (typeof skin)[number]) => number) =>
    skin.length
      ? skin.reduce((sum, point) => sum + of(point), 0) / skin.length
      : 0;
  const [cx, cy, value] = [
    mean(point => point.x),
    mean(point => point.y),
    mean(point => point.value),
  ];
  const radius = mean(point => Math.hypot(point.x - cx, point.y - cy));
  return {
    hue: mean(point => point.hue),
    roundness: skin.length / (Math.PI * (1.5 * radius) ** 2 + 1),
    texture: Math.sqrt(mean(point => (point.value - value) ** 2)),
    rot_share: dark / inside,
  };
}
