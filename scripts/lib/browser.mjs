/*
 * Finds a browser for the tests: CHROME_PATH, else an installed Chromium, Chrome or Edge, else the one inside the npm package
 * `@sparticuz/chromium` (Linux x64), which is unpacked with the libraries it needs into a folder of our own.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { portalFolder, root } from './paths.mjs';
import { Trouble } from './say.mjs';

const missing =
  'No browser was found for the browser tests. Install Chromium (Debian: apt-get install chromium), set CHROME_PATH, or run npm test -- --without-browser.';

/** Resolves with the variables that tell the tests which browser to start; a Trouble when there is none. */
export async function findBrowser(node) {
  const named = process.env.CHROME_PATH;
  if (named && !works(named))
    throw new Trouble(
      `CHROME_PATH names '${named}', which does not start. ${missing}`,
    );
  const program = named ?? installed().find(candidate => works(candidate));
  return program ? { MLOPS_TEST_BROWSER: program } : unpackBundled(node);
}

function works(program) {
  return (
    spawnSync(program, ['--version'], { timeout: 20_000, stdio: 'ignore' })
      .status === 0
  );
}

function installed() {
  if (process.platform === 'darwin')
    return [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ].filter(file => fs.existsSync(file));
  const names = [
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'microsoft-edge',
  ];
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .flatMap(folder => names.map(name => path.join(folder, name)))
    .filter(file => fs.existsSync(file));
}

// The package unpacks into TMPDIR, and its libraries only under VERCEL=1; with no font the first form control kills the page.
function unpackBundled(node) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Trouble(missing);
  const folder = path.join(portalFolder, 'chromium');
  fs.mkdirSync(folder, { recursive: true });
  const script =
    "const { default: chromium } = await import('@sparticuz/chromium');" +
    'const program = await chromium.executablePath();' +
    'console.log(JSON.stringify({ program, libraries: process.env.LD_LIBRARY_PATH ?? "" }));';
  const result = spawnSync(node, ['--input-type=module', '-e', script], {
    cwd: path.join(root, 'tests'),
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      VERCEL: '1',
      TMPDIR: folder,
    },
    encoding: 'utf8',
    timeout: 120_000,
  });
  const line = result.stdout?.trim().split('\n').pop();
  if (result.status !== 0 || !line) throw new Trouble(missing, result.stderr);
  const { program, libraries } = JSON.parse(line);
  return {
    MLOPS_TEST_BROWSER: program,
    MLOPS_TEST_BROWSER_LIBRARIES: libraries,
    MLOPS_TEST_BROWSER_FONTS: fontConfiguration(folder),
  };
}

function fontConfiguration(folder) {
  const file = path.join(folder, 'fonts.conf');
  const folders = [
    path.join(folder, 'fonts'),
    '/usr/share/fonts',
    path.join(root, 'node_modules/@fontsource'),
  ];
  fs.writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${folders
      .map(place => `<dir>${place}</dir>`)
      .join('')}<cachedir>${path.join(
      folder,
      'font-cache',
    )}</cachedir></fontconfig>\n`,
  );
  return file;
}
