/* The browser that npm test found, ready for a page. */
import { chromium, type Browser, type Page } from 'playwright-core';

/** Starts the browser; console errors of its pages are collected in `errors`. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env.MLOPS_TEST_BROWSER;
  if (!executablePath)
    throw new Error('MLOPS_TEST_BROWSER is not set; npm test sets it.');
  const {
    MLOPS_TEST_BROWSER_LIBRARIES: libraries,
    MLOPS_TEST_BROWSER_FONTS: fonts,
  } = process.env;
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--no-zygote'],
    env: {
      ...process.env,
      ...(libraries ? { LD_LIBRARY_PATH: libraries } : {}),
      ...(fonts ? { FONTCONFIG_FILE: fonts } : {}),
    } as Record<string, string>,
  });
}

/** Opens a page whose console errors end up in the list. */
export async function openPage(
  browser: Browser,
  errors: string[],
  options: { width?: number; dark?: boolean } = {},
): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.dark ? 'dark' : 'light',
  });
  page.setDefaultTimeout(30_000);
  page.on(
    'console',
    message => message.type() === 'error' && errors.push(message.text()),
  );
  page.on('pageerror', error => errors.push(String(error)));
  return page;
}
