// The pages of probes in a real Chromium.

import { chromium, type Browser, type Page } from 'playwright-core';
import { startExporter, type RunningExporter } from '../../src/exporter/runtime.js';
import { ProbeError } from '../../src/sources/endpoints/reasons.js';
import { ARGS, LEAST_CONTRAST } from '../browser.js';
import { describeWith, program } from '../servers/describe.js';
import { Rig } from '../sources/endpoints/rig.js';
import { fakeConfig, recordingLogger } from './fake-subject.js';

describeWith(['chromium'], 'the pages of probes in a browser', () => {
  const rig = new Rig();
  let exporter: RunningExporter;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    rig.play = async ({ say, watch }, name) => {
      watch.enter('connect');
      say(`${name} is 192.0.2.7`);
      say(`> GET /health, accept-language: de-CH, x-request: ${'long '.repeat(50)}`);
      if (name.endsWith('7')) throw new ProbeError('certificate_expired', 'the certificate is not trusted: CERT_HAS_EXPIRED', 'tls');
    };
    const endpoints = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`partner-${index}-api`, {}]));
    const subject = { ...rig.subject({ endpoints: { ...endpoints, 'hug-7': {}, quiet: {} }, at_once: 2_000 }), title: 'Partners' };
    exporter = await startExporter({
      find: async () => subject,
      missing: () => 'none',
      configFile: 'exporters.yaml',
      listen: { host: '127.0.0.1', port: 0 },
      clock: rig.clock,
      logger: recordingLogger().logger,
      loadConfig: async () => ({ config: fakeConfig(), diagnostics: [] }),
    });
    await rig.clock.advance(0);
    browser = await chromium.launch({ executablePath: program('chromium'), args: ARGS });
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    const stopped = exporter.stop();
    await rig.clock.advance(5_000);
    await stopped;
  });

  async function open(path: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<void> {
    page = await browser.newPage(options);
    complaints = [];
    page.on('console', (message) => void (['error', 'warning'].includes(message.type()) && complaints.push(message.text())));
    page.on('pageerror', (error) => void complaints.push(error.message));
    await page.goto(`${exporter.url}${path}`);
  }

  afterEach(async () => {
    await page.close();
  });

  test('shows a thousand endpoints, those that are down first, and nothing to complain of', async () => {
    await open('/probes');

    expect(await page.locator('tbody tr').count()).toBe(1_002);
    expect(await page.locator('tbody tr').first().textContent()).toContain('certificate_expired in tls');
    expect(complaints).toEqual([]);
  }, 30_000);

  test('finds one by its name, and shows what it said when one asks for it now', async () => {
    await open('/probes');
    await page.getByRole('searchbox').fill('hug-7');
    await page.getByRole('searchbox').press('Enter');
    await page.getByText('1 of 1002 probes').waitFor();

    await page.getByRole('button', { name: 'Probe hug-7 now' }).first().click();

    await page.getByRole('heading', { level: 1, name: 'hug-7' }).waitFor();
    expect(await page.locator('details').first().textContent()).toContain('hug-7 is 192.0.2.7');
    expect(await page.getByText('Last failures').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  }, 30_000);

  test('leads from the table to the transcripts on the same page', async () => {
    await open('/probes?q=hug');

    await page.getByRole('link', { name: 'hug-7' }).first().click();

    expect(new URL(page.url()).hash).toBe('#probe-hug-7');
    expect(await page.locator('#probe-hug-7 pre').first().isVisible()).toBe(true);
  }, 30_000);

  test.each(['light', 'dark'] as const)(
    'has text that stands out enough in its %s colours',
    async (colorScheme) => {
      for (const path of ['/probes?q=7', '/probes/hug-7']) {
        await open(path, { colorScheme });
        const { ratio, text } = await page.evaluate<{ ratio: number; text: string }>(LEAST_CONTRAST);
        expect(text).not.toBe('');
        expect(ratio).toBeGreaterThanOrEqual(4.5);
        if (path !== '/probes/hug-7') await page.close();
      }
    },
    30_000,
  );

  test.each([390, 1280])(
    'needs no scrolling sideways at %d pixels',
    async (width) => {
      await open('/probes?q=hug', { viewport: { width, height: 800 } });

      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    },
    30_000,
  );
});
