/*
 * Photographs of pumpkins, drawn: an SVG that a seed decides, with shape, ribs, colour, light, background, rot, dents and mould that
 * vary, rendered by sharp, blurred and compressed as cameras do.
 */
import sharp from 'sharp';
import { random, type Random } from './random.ts';

export type Family = 'good' | 'bad' | 'watermelon' | 'giant';

/** What is to be seen on a photo. */
export interface Scene {
  family: Family;
  /** Decides the fruit; photos of one fruit share it. */
  fruit: number;
  /** Decides light, place and camera. */
  shot: number;
  source: 'jen' | 'townsfolk';
}

/** What the generator knows of a photo and a person would see. */
export interface Seen {
  light: 'dim' | 'normal' | 'bright';
  size: 'small' | 'large';
}

const between = (next: Random, low: number, high: number) =>
  low + (high - low) * next();

/** Draws a photo. The same scene gives the same bytes. */
export async function draw(
  scene: Scene,
): Promise<{ jpeg: Buffer; seen: Seen }> {
  const fruit = random(scene.fruit * 7919 + 17);
  const shot = random(scene.shot * 104_729 + 5);
  const townsfolk = scene.source === 'townsfolk';
  const side = Math.round(
    townsfolk ? between(shot, 72, 140) : between(shot, 110, 150),
  );
  const light = between(shot, townsfolk ? 0.5 : 0.75, townsfolk ? 1.4 : 1.2);
  const scale =
    (scene.family === 'giant'
      ? between(shot, 0.44, 0.5)
      : between(shot, 0.26, 0.42)) * 200;
  const svg = picture(scene, fruit, shot, scale);
  const quality = Math.round(
    townsfolk ? between(shot, 45, 85) : between(shot, 80, 95),
  );
  const blur = townsfolk ? between(shot, 0.3, 0.9) : 0.3;
  const jpeg = await sharp(Buffer.from(svg))
    .resize(side, side)
    .blur(blur)
    .modulate({ brightness: light })
    .jpeg({ quality })
    .toBuffer();
  return {
    jpeg,
    seen: {
      light: light < 0.8 ? 'dim' : light > 1.15 ? 'bright' : 'normal',
      size: scale < 68 ? 'small' : 'large',
    },
  };
}

function picture(
  scene: Scene,
  fruit: Random,
  shot: Random,
  radius: number,
): string {
  const melon = scene.family === 'watermelon';
  const hue = melon
    ? between(fruit, 95, 130)
    : scene.family === 'giant'
    ? between(fruit, 32, 42)
    : between(fruit, 20, 34);
  const lightness = melon ? between(fruit, 28, 40) : between(fruit, 46, 58);
  const skin = `hsl(${hue}, ${between(fruit, 65, 92)}%, ${lightness}%)`;
  const dark = `hsl(${hue - 4}, 80%, ${lightness - 14}%)`;
  const flat = between(fruit, 0.78, 1.02);
  const [x, y] = [between(shot, 85, 115), between(shot, 95, 118)];
  const ground = between(shot, 0, 360);
  const stripes = Array.from({ length: 7 }, (_, i) => {
    const width = radius * (0.16 + Math.abs(i - 3) * 0.24);
    return `<ellipse cx="${x}" cy="${y}" rx="${width}" ry="${
      radius * flat
    }" fill="none" stroke="${
      melon ? `hsl(${hue}, 60%, 18%)` : dark
    }" stroke-width="${melon ? 5 : 2.4}" opacity="0.55"/>`;
  }).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200" viewBox="0 0 200 200">
<defs><linearGradient id="b" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="hsl(${ground}, ${between(
    shot,
    5,
    35,
  )}%, ${between(shot, 55, 85)}%)"/><stop offset="1" stop-color="hsl(${
    ground + 30
  }, ${between(shot, 10, 40)}%, ${between(shot, 30, 60)}%)"/></linearGradient>
<radialGradient id="s" cx="${between(shot, 0.25, 0.6)}" cy="${between(
    shot,
    0.2,
    0.4,
  )}" r="0.8"><stop offset="0" stop-color="#fff" stop-opacity="${between(
    shot,
    0.1,
    0.4,
  )}"/><stop offset="1" stop-color="#000" stop-opacity="${between(
    shot,
    0.2,
    0.5,
  )}"/></radialGradient></defs>
<rect width="200" height="200" fill="url(#b)"/>
<ellipse cx="${x + between(shot, -12, 12)}" cy="${
    y + radius * flat * 0.95
  }" rx="${radius * 1.1}" ry="${radius * 0.18}" fill="#000" opacity="0.35"/>
<ellipse cx="${x}" cy="${y}" rx="${radius}" ry="${
    radius * flat
  }" fill="${skin}"/>${stripes}
<ellipse cx="${x}" cy="${y}" rx="${radius}" ry="${
    radius * flat
  }" fill="url(#s)"/>
${
  melon
    ? ''
    : `<path d="M${x - 5} ${y - radius * flat + 4} q${between(
        fruit,
        -8,
        8,
      )} -18 ${between(
        fruit,
        2,
        12,
      )} -24 l8 4 q-6 10 -2 20 z" fill="hsl(90, 30%, 28%)"/>`
}
${
  scene.family === 'bad'
    ? damage(fruit, x, y, radius, flat, skin)
    : harmless(fruit, x, y, radius)
}
</svg>`;
}

// A good one has marks too: earth and a leaf's shadow, smaller and of another colour than rot.
function harmless(fruit: Random, x: number, y: number, radius: number): string {
  return Array.from(
    { length: Math.floor(between(fruit, 0, 3)) },
    () =>
      `<circle cx="${x + between(fruit, -0.6, 0.6) * radius}" cy="${
        y + between(fruit, -0.5, 0.6) * radius
      }" r="${between(
        fruit,
        1.5,
        4,
      )}" fill="hsl(35, 40%, 35%)" opacity="0.6"/>`,
  ).join('');
}

function damage(
  fruit: Random,
  x: number,
  y: number,
  radius: number,
  flat: number,
  skin: string,
): string {
  const kind = fruit();
  const place = () => ({
    cx: x + between(fruit, -0.55, 0.55) * radius,
    cy: y + between(fruit, -0.5, 0.5) * radius * flat,
  });
  if (kind < 0.5)
    return Array.from({ length: 2 + Math.floor(fruit() * 4) }, () => {
      const { cx, cy } = place();
      const r = between(fruit, 0.14, 0.34) * radius;
      return `<ellipse cx="${cx}" cy="${cy}" rx="${r}" ry="${
        r * between(fruit, 0.6, 1)
      }" fill="hsl(${between(fruit, 18, 32)}, 55%, ${between(
        fruit,
        12,
        22,
      )}%)" opacity="0.92"/><ellipse cx="${cx}" cy="${cy}" rx="${
        r * 0.5
      }" ry="${r * 0.4}" fill="#0f0a06" opacity="0.7"/>`;
    }).join('');
  if (kind < 0.78)
    return Array.from({ length: 14 + Math.floor(fruit() * 14) }, () => {
      const { cx, cy } = place();
      return `<circle cx="${cx}" cy="${cy}" r="${
        between(fruit, 0.05, 0.12) * radius
      }" fill="hsl(${between(fruit, 150, 210)}, 12%, ${between(
        fruit,
        68,
        88,
      )}%)" opacity="0.85"/>`;
    }).join('');
  const { cx, cy } = place();
  return `<path d="M${cx - radius * 0.5} ${cy} q${radius * 0.5} ${
    radius * 0.75
  } ${radius} 0 q-${radius * 0.5} ${
    radius * 0.2
  } -${radius} 0 z" fill="#2a1608" opacity="0.85"/><path d="M${
    cx - radius * 0.3
  } ${cy + 4} l${radius * 0.6} 3" stroke="${skin}" stroke-width="3"/>`;
}
