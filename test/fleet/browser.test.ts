// The page of a running fleet in a real Chromium.

import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ARGS, LEAST_CONTRAST } from '../browser.js';
import { describeWith, program } from '../servers/describe.js';
import { TestFleet, YAML } from './running.js';

describeWith(['chromium'], 'the page of the fleet in a browser', () => {
  let fleet: TestFleet;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    fleet = await TestFleet.in(`${YAML}  broken-db:
    kind: sql
    driver: sqlite
    connection: { file: missing/exchange.db }
    queries:
      passed: { sql: SELECT 1 AS messages, stages: [processed], observe: { messages: messages } }
  probes:
    kind: http
    endpoints:
      chuv-api: { url: 'http://127.0.0.1:9/health', partner: chuv }
`);
    fleet.sql(`INSERT INTO pending VALUES ('factures', 'chuv', 'processed', 1700000000)`);
    await fleet.start();
    browser = await chromium.launch({ executablePath: program('chromium'), args: ARGS });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await fleet.end();
  });

  async function open(options: Parameters<Browser['newPage']>[0] = {}): Promise<void> {
    page = await browser.newPage(options);
    complaints = [];
    page.on('console', (message) => void (['error', 'warning'].includes(message.type()) && complaints.push(message.text())));
    page.on('pageerror', (error) => void complaints.push(error.message));
    await page.goto(fleet.url);
  }

  afterEach(async () => {
    await page.close();
  });

  test('GM2: shows the stages of a flow as a list in order, and nothing to complain of', async () => {
    await open();

    const stages = await page.getByRole('list').first().getByRole('heading').allTextContents();

    expect(stages).toEqual(['received', 'processed']);
    expect(await page.getByText(/✕ .* of 5 exporters up/).isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  }, 30_000);

  test('keeps itself up to date, and what the reader unfolded and where the focus is', async () => {
    await open();
    const partners = page.getByText('2 partners');
    await partners.click();
    await partners.focus();

    await appendFile(join(fleet.folder, 'exchange.log'), '{"event":"received","partner":"hug"}\n'.repeat(1_234));
    await page.getByText('1\u202f234').first().waitFor({ timeout: 10_000 });

    expect(await page.getByRole('rowheader', { name: 'hug' }).isVisible()).toBe(true);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('2 partners');
    expect(complaints).toEqual([]);
  }, 30_000);

  test('says so when the fleet does not answer any more', async () => {
    await open();
    await page.route('**/*', (route) => route.abort());

    await page.getByText('The fleet does not answer').waitFor({ timeout: 10_000 });

    await page.unroute('**/*');
    await page.getByText('The fleet does not answer').waitFor({ state: 'hidden', timeout: 10_000 });
  }, 30_000);

  test('works without script: it reloads itself', async () => {
    await open({ javaScriptEnabled: false });

    expect(await page.locator('noscript meta[http-equiv="refresh"]').count()).toBe(1);
    await page.waitForEvent('framenavigated', { timeout: 15_000 });
  }, 30_000);

  test.each(['light', 'dark'] as const)(
    'has text that stands out enough in its %s colours',
    async (colorScheme) => {
      await open({ colorScheme });
      await page.getByText('2 partners').click();

      const { ratio, text } = await page.evaluate<{ ratio: number; text: string }>(LEAST_CONTRAST);

      expect(text).not.toBe('');
      expect(ratio).toBeGreaterThanOrEqual(4.5);
    },
    30_000,
  );

  test.each([390, 1280])(
    'needs no scrolling sideways at %d pixels',
    async (width) => {
      await open({ viewport: { width, height: 800 } });
      await page.getByText('2 partners').click();

      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    },
    30_000,
  );

  test('can be used by keyboard alone', async () => {
    await open();
    const flow = page.locator('details.flow');
    const reached = async () => page.evaluate('document.activeElement.matches("details.flow > summary")');

    for (let presses = 0; presses < 10 && !(await reached()); presses++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');

    expect(await reached()).toBe(true);
    expect(await flow.getAttribute('open')).toBeNull();
  }, 30_000);
});
