/* Whether a page can be used by people who do not see it, or see it badly: axe-core's rules on a page of the browser. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = fs.readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** A page that still moves may be between two states. */
const settleMs = 30_000;

/** Fails with the parts of the page that break a rule: WCAG 2.2 A and AA, what axe calls good practice, names as they are seen. */
export async function checkAccess(page: Page, name: string): Promise<void> {
  await page.evaluate(axe);
  const end = Date.now() + settleMs;
  let faults = await faultsOf(page);
  while (faults.length > 0 && Date.now() < end) {
    await page.waitForTimeout(500);
    faults = await faultsOf(page);
  }
  assert.deepEqual(faults, [], name);
}

async function faultsOf(page: Page): Promise<string[]> {
  const violations: Violation[] = await page.evaluate(async () => {
    const result = await (window as any).axe.run(document, {
      runOnly: [
        'wcag2a',
        'wcag2aa',
        'wcag21a',
        'wcag21aa',
        'wcag22aa',
        'best-practice',
      ],
      rules: { 'label-content-name-mismatch': { enabled: true } },
    });
    return result.violations;
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) =>
        `${id}: ${html.slice(0, 200)} ${failureSummary.slice(0, 200)}`,
    ),
  );
}
