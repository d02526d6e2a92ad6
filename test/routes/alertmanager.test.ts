// The rendered configuration in a real Alertmanager: what reaches a team's channels, and which alert hides which.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { renderRoutes } from '../../src/routes/index.js';
import { portOf } from '../port.js';
import { startAlertmanager, type Alertmanager } from '../servers/alertmanager.js';
import { describeWith } from '../servers/describe.js';
import { until } from '../wait.js';
import { startMailbox, type Mailbox } from './mailbox.js';

const MINUTE = 60_000;

describeWith(['alertmanager'], 'Alertmanager', () => {
  let folder: string;
  let alertmanager: Alertmanager;
  let url: string;
  let teams: Server;
  let mailbox: Mailbox;
  const cards: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-alertmanager-'));
    mailbox = await startMailbox();
    teams = createServer((request, response) => void keep(request, response)).listen(0, '127.0.0.1');
    await once(teams, 'listening');
    await writeConfiguration();
    alertmanager = await startAlertmanager(join(folder, 'alertmanager', 'alertmanager.yml'));
    url = alertmanager.url;
  }, MINUTE);

  afterAll(async () => {
    await alertmanager?.stop();
    teams.closeAllConnections();
    teams.close();
    await mailbox.stop();
    await rm(folder, { recursive: true });
  });

  /** Answers as a workflow does: 202, before it has done anything. */
  async function keep(request: IncomingMessage, response: ServerResponse): Promise<void> {
    cards.push(await text(request));
    response.writeHead(202).end();
  }

  /** As rendered, but with the test's relay, and without waiting for the group to fill. */
  async function writeConfiguration(): Promise<void> {
    const webhook = join(folder, 'webhook');
    await writeFile(webhook, `http://127.0.0.1:${portOf(teams)}/flux`);
    const { files } = renderRoutes({
      teams: [
        { name: 'flux', title: 'Flux', teamsWebhook: { file: webhook }, email: undefined },
        { name: 'prevoyance', title: 'Prévoyance', teamsWebhook: undefined, email: 'prevoyance@example.org' },
      ],
      defaultTeam: 'flux',
    });
    for (const { path, content } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      const changed = content.replace('localhost:25', `127.0.0.1:${mailbox.port}`).replace('group_wait: 20s', 'group_wait: 1s');
      await writeFile(join(folder, path), changed);
    }
  }

  async function raise(...alerts: readonly Readonly<Record<string, string>>[]): Promise<void> {
    const body = alerts.map((labels) => ({
      labels,
      annotations: {
        summary: `Summary of ${labels['alertname']}`,
        description: 'What, since when, how much.',
        runbook_url: 'https://wiki.example.org/r',
      },
    }));
    const response = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  }

  async function hidden(filter: Readonly<Record<string, string>>): Promise<Record<string, boolean>> {
    const alerts = await alertmanager.alerts();
    return Object.fromEntries(
      alerts
        .filter(({ labels }) => Object.entries(filter).every(([name, value]) => labels[name] === value))
        .map(({ labels, status }) => [
          `${labels['alertname']} ${labels['source'] ?? labels['partner'] ?? ''} ${labels['severity']}`,
          status.inhibitedBy.length > 0,
        ]),
    );
  }

  test(
    'GM3: sends the alerts of a team to its Teams channel, as an adaptive card',
    async () => {
      await raise({
        alertname: 'FlowBacklogOutOfBounds',
        severity: 'critical',
        team: 'flux',
        flow: 'teams',
        env: 'prod',
        partner: 'chuv',
        stage: 'routed',
      });

      const card = await until(() => cards.find((each) => each.includes('prod / teams')), MINUTE);

      expect(JSON.parse(card)).toMatchObject({
        type: 'message',
        attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' }],
      });
      expect(card).toContain('CRITICAL: Summary of FlowBacklogOutOfBounds');
      expect(card).toContain('[What to do](https://wiki.example.org/r)');
      expect(mailbox.mails.filter(({ content }) => content.includes('prod / teams'))).toEqual([]);
    },
    MINUTE,
  );

  test(
    'GM3: sends the alerts of a team to its address',
    async () => {
      await raise({
        alertname: 'FlowBacklogOutOfBounds',
        severity: 'warning',
        team: 'prevoyance',
        flow: 'mail',
        env: 'prod',
        partner: 'avs',
        stage: 'booked',
      });

      const mail = await until(() => mailbox.mails.find(({ content }) => content.includes('prod / mail')), MINUTE);

      expect(mail.to).toEqual(['prevoyance@example.org']);
      expect(mail.content).toMatch(/^Subject: WARNING: Summary of FlowBacklogOutOfBounds$/m);
      expect(cards.filter((card) => card.includes('prod / mail'))).toEqual([]);
    },
    MINUTE,
  );

  test(
    'hides yellow behind red at the same place, and nowhere else',
    async () => {
      const place = { alertname: 'FlowBacklogOutOfBounds', team: 'flux', flow: 'tge', env: 'prod', stage: 'routed' };
      await raise(
        { ...place, partner: 'chuv', severity: 'critical' },
        { ...place, partner: 'chuv', severity: 'warning' },
        { ...place, partner: 'hug', severity: 'warning' },
      );

      const states = await until(async () => {
        const seen = await hidden({ flow: 'tge' });
        return seen['FlowBacklogOutOfBounds chuv warning'] ? seen : undefined;
      }, MINUTE);

      expect(states).toEqual({
        'FlowBacklogOutOfBounds chuv critical': false,
        'FlowBacklogOutOfBounds chuv warning': true,
        'FlowBacklogOutOfBounds hug warning': false,
      });
    },
    MINUTE,
  );

  test(
    'hides what follows from a source that is down, for this source only',
    async () => {
      const common = { team: 'flux', env: 'inhibition', severity: 'critical' };
      await raise(
        { ...common, alertname: 'VigieSourceDown', source: 'inbox' },
        { ...common, alertname: 'VigieCollectorStale', source: 'inbox', collector: '/in' },
        { ...common, alertname: 'VigieLogBehind', source: 'inbox' },
        { ...common, alertname: 'VigieLogBehind', source: 'log', severity: 'warning' },
        { ...common, alertname: 'VigieCollectorStale', source: 'db', collector: 'waiting' },
        { ...common, alertname: 'VigieUndeclaredValues', source: 'inbox', label: 'flow', severity: 'warning' },
      );

      const states = await until(async () => {
        const seen = await hidden({ env: 'inhibition' });
        return seen['VigieCollectorStale inbox critical'] && seen['VigieLogBehind inbox critical'] ? seen : undefined;
      }, MINUTE);

      expect(states).toEqual({
        'VigieSourceDown inbox critical': false,
        'VigieCollectorStale inbox critical': true,
        'VigieCollectorStale db critical': false,
        'VigieLogBehind inbox critical': true,
        'VigieLogBehind log warning': false,
        'VigieUndeclaredValues inbox warning': false,
      });
    },
    MINUTE,
  );

  test(
    'does not let a broken source hide the warnings of others, which lack the same labels',
    async () => {
      const common = { alertname: 'VigieSeriesDropped', team: 'flux', env: 'guard' };
      await raise({ ...common, source: 'a', severity: 'critical' }, { ...common, source: 'b', severity: 'warning' });

      const states = await until(async () => {
        const seen = await hidden({ env: 'guard' });
        return Object.keys(seen).length === 2 ? seen : undefined;
      }, MINUTE);
      await until(() => cards.find((card) => card.includes('guard / b')), MINUTE);

      expect(states).toEqual({ 'VigieSeriesDropped a critical': false, 'VigieSeriesDropped b warning': false });
    },
    MINUTE,
  );
});
