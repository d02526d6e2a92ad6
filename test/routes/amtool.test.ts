// The rendered configuration as Alertmanager reads it: its checks, its routing, and the size of what its templates write.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { renderRoutes } from '../../src/routes/index.js';
import { describeWith, program } from '../servers/describe.js';

const root = join(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);
/** Teams refuses what is above 28 KB with everything around it. */
const LARGEST_CARD = 18 * 1024;

async function amtool(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(program('amtool'), [...args]);
  return stdout;
}

describeWith(['amtool'], 'amtool', () => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-routes-'));
    const { files } = renderRoutes({
      teams: [
        { name: 'flux', title: 'Flux', teamsWebhook: { file: '/run/secrets/teams_flux' }, email: 'flux@example.org' },
        { name: 'prevoyance', title: 'Prévoyance', teamsWebhook: undefined, email: 'prevoyance@example.org' },
        { name: 'silent', title: 'Silent', teamsWebhook: undefined, email: undefined },
      ],
      defaultTeam: 'flux',
    });
    for (const { path, content } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    file = join(folder, 'alertmanager', 'alertmanager.yml');
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test('accepts what is committed, with its templates', async () => {
    const output = await amtool('check-config', join(root, 'alertmanager', 'alertmanager.yml'));

    expect(output).toContain('SUCCESS');
    expect(output).toContain('1 templates');
  });

  test.each([
    [['team=flux', 'severity=critical', 'alertname=VigieSourceDown'], 'team-flux'],
    [['team=flux', 'severity=warning', 'alertname=FlowBacklogOutOfBounds'], 'team-flux'],
    [['team=prevoyance', 'severity=critical', 'alertname=FlowBacklogOutOfBounds'], 'team-prevoyance'],
    [['team=prevoyance', 'severity=warning', 'alertname=FlowBacklogOutOfBounds'], 'team-prevoyance'],
    [['team=silent', 'severity=critical', 'alertname=FlowBacklogOutOfBounds'], 'default'],
    [['severity=critical', 'alertname=VigieCatalogMissing'], 'default'],
    [['severity=warning', 'alertname=VigieConfigNotLoaded'], 'default'],
    [['severity=none', 'alertname=VigieWatchdog'], 'watchdog'],
  ])('GM8: routes %j to %s', async (labels, receiver) => {
    const output = await amtool('config', 'routes', 'test', `--config.file=${file}`, ...labels);

    expect(output.trim()).toBe(receiver);
  });

  test.each([
    ['a hundred alerts with texts that never end', 100, 4000, 'é'],
    ['one alert', 1, 100, 'x'],
  ])('writes cards that Teams takes: %s', async (_, count, length, character) => {
    const data = join(folder, 'data.json');
    await writeFile(data, JSON.stringify(notification(count, character.repeat(length))));

    const title = await template(data, 'vigie.teams.title');
    const text = await template(data, 'vigie.teams.text');

    expect(Buffer.byteLength(title + text)).toBeLessThan(LARGEST_CARD);
    expect(text).toContain('CRITICAL');
    expect(title.split('\n')).toHaveLength(1);
  });

  test('writes what a person needs at 3 a.m.: what, since when, where, what to do', async () => {
    const data = join(folder, 'one.json');
    await writeFile(data, JSON.stringify(notification(1, '')));

    const title = await template(data, 'vigie.teams.title');
    const text = await template(data, 'vigie.teams.text');

    expect(title).toBe('CRITICAL: 600 messages wait ');
    expect(text).toBe(
      [
        '**CRITICAL** 600 messages wait ',
        '',
        'Nothing leaves. ',
        '',
        'Since 2026-01-02 03:04 UTC, prod / factures-tge / chuv / routed',
        '',
        '- [What to do](https://wiki.example.org/runbooks/factures-tge)',
        '- Dashboard: /d/vigie-operations?var-flow=factures-tge',
        '',
        '',
      ].join('\n'),
    );
  });

  test('says how many there are, and escapes what it puts into HTML', async () => {
    const data = join(folder, 'html.json');
    await writeFile(data, JSON.stringify(notification(12, '<script>')));

    const title = await template(data, 'vigie.teams.title');
    const text = await template(data, 'vigie.teams.text');
    const html = await template(data, 'vigie.email.html', 'html');

    expect(title).toBe('CRITICAL: 12 x FlowBacklogOutOfBounds, factures-tge (prod)');
    expect(text.match(/\*\*CRITICAL\*\*/g)).toHaveLength(8);
    expect(text).toContain('12 alerts in all: http://alertmanager.example.org');
    expect(html).not.toContain('<script>');
    expect(html.match(/What to do/g)).toHaveLength(12);
  });

  function template(data: string, name: string, type = 'text'): Promise<string> {
    return amtool(
      'template',
      'render',
      `--template.glob=${join(folder, 'alertmanager', 'templates', '*.tmpl')}`,
      `--template.data=${data}`,
      `--template.type=${type}`,
      `--template.text={{ template "${name}" . }}`,
    );
  }
});

/** What Alertmanager hands to templates: https://prometheus.io/docs/alerting/latest/notifications/#data */
function notification(count: number, text: string): object {
  const alert = {
    status: 'firing',
    labels: {
      alertname: 'FlowBacklogOutOfBounds',
      severity: 'critical',
      flow: 'factures-tge',
      partner: 'chuv',
      env: 'prod',
      stage: 'routed',
    },
    annotations: {
      summary: `600 messages wait ${text}`,
      description: `Nothing leaves. ${text}`,
      runbook_url: 'https://wiki.example.org/runbooks/factures-tge',
      dashboard: '/d/vigie-operations?var-flow=factures-tge',
    },
    startsAt: '2026-01-02T03:04:05Z',
    endsAt: '0001-01-01T00:00:00Z',
  };
  return {
    receiver: 'team-flux',
    status: 'firing',
    alerts: Array.from({ length: count }, () => alert),
    groupLabels: { alertname: 'FlowBacklogOutOfBounds', flow: 'factures-tge', env: 'prod' },
    commonLabels: alert.labels,
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example.org',
  };
}
