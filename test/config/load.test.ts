// What the loader makes of a valid file: references, defaults, durations; and how it reports what is not.

import { BASE, configOf, loadText, messages } from './load-text.js';

describe('a configuration', () => {
  test('NE14: tells of an unknown calendar at its place, with the one that was meant', async () => {
    const text = `teams: { flux: { email: flux@example.org } }
partners:
  chuv: {}
calendars:
  bureau-ch: { timezone: Europe/Zurich, open: { mon-fri: '07:00-19:00' } }
flows:
  factures-tge:
    title: Factures TGE
    team: flux
    direction: inbound
    partners: [chuv]
    stages: [received]

    calendar: bureau
sources:
  log: { kind: fake, feeds: [{ signal: messages, flow: factures-tge, stage: received }] }
`;

    const found = await messages(text);

    expect(found).toEqual(['exporters.yaml:14:15 error flows.factures-tge.calendar: no calendar "bureau" (is it "bureau-ch"?)']);
  });

  test('gives flows their defaults', async () => {
    const { flows } = await configOf(`${BASE}    bounds: { backlog: { warning: '> 100', critical: '>500.5', over: 1m } }\n`);

    expect(flows).toEqual([
      {
        name: 'factures-tge',
        title: 'Factures TGE',
        team: 'flux',
        criticality: 'medium',
        direction: 'inbound',
        partners: ['chuv', 'hug'],
        stages: ['received', 'processed'],
        environments: ['prod'],
        calendar: undefined,
        runbook: undefined,
        bounds: [
          { indicator: 'backlog', statistic: 'held', severity: 'warning', window: '1m', side: 'above', value: 100 },
          { indicator: 'backlog', statistic: 'held', severity: 'critical', window: '1m', side: 'above', value: 500.5 },
        ],
        dependsOn: [],
        expectations: [],
        indicators: [],
        objectives: [],
        conservation: [],
        parity: [],
        anomalies: [{ stage: 'received', below: 0.5, above: undefined }],
      },
    ]);
  });

  test('gives a bound the window of five minutes where it names none', async () => {
    const { flows } = await configOf(`${BASE}    bounds: { backlog: { warning: '< 1' } }\n`);

    expect(flows[0]?.bounds).toEqual([
      { indicator: 'backlog', statistic: 'held', severity: 'warning', window: '5m', side: 'below', value: 1 },
    ]);
  });

  test('gives sources their defaults, and the team of the flows they observe', async () => {
    const { sources } = await configOf(
      `${BASE}sources:\n  log: { kind: fake, feeds: [{ signal: messages, flow: factures-tge, stage: received }] }\n`,
    );

    expect(sources).toEqual([
      {
        name: 'log',
        kind: 'fake',
        title: undefined,
        team: 'flux',
        observes: ['factures-tge'],
        env: 'prod',
        path: undefined,
        interval: 60_000,
        timeout: 10_000,
        maxStaleness: 180_000,
        maxSeries: 10_000,
        exporterPort: undefined,
        baseDir: '/configuration',
        options: { kind: 'fake', feeds: [{ signal: 'messages', flow: 'factures-tge', stage: 'received' }] },
      },
    ]);
  });

  test('takes defaults from defaults:, with a timeout that never exceeds the interval of the source', async () => {
    const { sources } = await configOf(`${BASE}defaults: { interval: 30s, timeout: 20s, max_series: 5, team: flux }
sources:
  slow: { kind: fake }
  quick: { kind: fake, interval: 1s }
  own: { kind: fake, interval: 1m30s, timeout: 45s, max_staleness: 1h, max_series: 7 }
`);

    const times = sources.map(({ interval, timeout, maxStaleness, maxSeries }) => [interval, timeout, maxStaleness, maxSeries]);

    expect(times).toEqual([
      [30_000, 20_000, 90_000, 5],
      [1_000, 1_000, 3_000, 5],
      [90_000, 45_000, 3_600_000, 7],
    ]);
  });

  test('hands a source that observes flows of several teams to the default team', async () => {
    const text = `${BASE}  salaires:
    title: Salaires
    team: paie
    direction: outbound
    partners: [hug]
    stages: [sent]
`.replace('teams:', 'defaults: { team: ops }\nteams:\n  ops: { email: ops@example.org }\n  paie: { email: paie@example.org }');
    const feeds = '[{ signal: messages, flow: factures-tge, stage: received }, { signal: messages, flow: salaires, stage: sent }]';

    const { sources, defaultTeam } = await configOf(`${text}sources:\n  log: { kind: fake, feeds: ${feeds} }\n`);

    expect([sources[0]?.team, defaultTeam]).toEqual(['ops', 'ops']);
  });

  test('EN1: knows the environments, the default one included, and which are production', async () => {
    const { environment, environments } = await configOf(`environment: production
environments:
  recette: { title: Recette }
  formation: { production: false }
`);

    expect(environment).toBe('production');
    expect(environments).toEqual([
      { name: 'production', title: 'production', production: true, calendar: undefined },
      { name: 'recette', title: 'Recette', production: false, calendar: undefined },
      { name: 'formation', title: 'formation', production: false, calendar: undefined },
    ]);
  });

  test('EN1: lets a source see only the flows that run in its environment', async () => {
    const text = `${BASE}    environments: [recette]\nenvironments: { recette: {}, prod: {} }\n`;

    const { flows } = await configOf(text);

    expect(flows[0]?.environments).toEqual(['recette']);
  });

  test('names problems of entries that do not fit their schema together with all others', async () => {
    const text = `${BASE}    calender: bureau-ch\n    calendar: bureau\nsources:\n  log: { kind: fake, interval: 30, team: fluxx }\n`;

    const found = await messages(text);

    expect(found).toEqual([
      'exporters.yaml:16:5 error flows.factures-tge.calender: unknown key "calender" (is it "calendar"?)',
      'exporters.yaml:17:15 error flows.factures-tge.calendar: no calendar "bureau" (is it "bureau-ch"?)',
      'exporters.yaml:19:32 error sources.log.interval: must be a duration such as 30s, not 30: name the unit, 30s',
      'exporters.yaml:19:42 error sources.log.team: no team "fluxx" (is it "flux"?)',
    ]);
  });

  test('does not call names unknown that a flow with a mistake declares', async () => {
    const text = `${BASE}    runbook: none\nsources:\n  log: { kind: fake, feeds: [{ signal: messages, flow: factures-tge, stage: received }] }\n`;

    const found = await messages(text);

    expect(found).toEqual(['exporters.yaml:16:14 error flows.factures-tge.runbook: "none" is no URL: it begins with https:// or http://']);
  });

  test('changes its digest with its content, and only then', async () => {
    const [one, same, other] = await Promise.all([configOf(BASE), configOf(BASE), configOf(`${BASE}# a comment\n`)]);

    expect(one.sha).toMatch(/^[0-9a-f]{12}$/);
    expect(same.sha).toBe(one.sha);
    expect(other.sha).not.toBe(one.sha);
  });

  test('is undefined if and only if there is an error', async () => {
    const withWarning = await loadText('teams: { flux: {} }\n');
    const withError = await loadText('team: { flux: {} }\n');

    expect([withWarning.config === undefined, withWarning.diagnostics.map(({ severity }) => severity)]).toEqual([false, ['warning']]);
    expect([withError.config === undefined, withError.diagnostics.map(({ severity }) => severity)]).toEqual([true, ['error']]);
  });
});

describe('a second feed of one signal', () => {
  test('is an error that names both places', async () => {
    const found = await two(`{ kind: fake, feeds: [${feed('')}] }`, `{ kind: fake, feeds: [${feed(', partner: hug')}] }`);

    expect(found).toEqual([
      'exporters.yaml:18:28 error sources.b.feeds[0]: feeds messages of factures-tge/received, and so does sources.a.feeds[0] (exporters.yaml:17:28): it would be counted twice; limit one of them, e.g. with flows, stages or partner, or give each source a path of its own',
    ]);
  });

  test('is none where each speaks of another partner', async () => {
    const found = await two(`{ kind: fake, feeds: [${feed(', partner: chuv')}] }`, `{ kind: fake, feeds: [${feed(', partner: hug')}] }`);

    expect(found).toEqual([]);
  });

  test('is none where each source has a path of its own', async () => {
    const found = await two(`{ kind: fake, path: batch, feeds: [${feed('')}] }`, `{ kind: fake, path: stream, feeds: [${feed('')}] }`);

    expect(found).toEqual([]);
  });
});

function feed(more: string): string {
  return `{ signal: messages, flow: factures-tge, stage: received${more} }`;
}

function two(first: string, second: string): Promise<string[]> {
  return messages(`${BASE}sources:\n  a: ${first}\n  b: ${second}\n`);
}
