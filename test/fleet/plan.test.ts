import { changesBetween, planExporters } from '../../src/fleet/plan.js';
import { config, planned, source } from './fixtures.js';

describe('what a configuration asks for', () => {
  test('is the catalogue, and one exporter for each source on its port', () => {
    const sources = [source('db', { title: 'Database', team: 'flux', env: 'qual' }), source('log', { kind: 'log' })];

    const exporters = planExporters(config({ sources }), new Map(Object.entries({ catalog: 9701, db: 9702, log: 9703 })));

    expect(exporters).toMatchObject([
      { source: 'catalog', kind: 'catalog', env: 'prod', port: 9701 },
      { source: 'db', kind: 'sql', title: 'Database', team: 'flux', env: 'qual', port: 9702 },
      { source: 'log', kind: 'log', title: 'log', port: 9703 },
    ]);
  });
});

describe('what a changed configuration means', () => {
  test('for each exporter: stop, start, restart for another kind or port, or reload in place', () => {
    const before = [planned('gone'), planned('stays'), planned('other-kind'), planned('other-port')];
    const after = [
      planned('stays', { title: 'Renamed' }),
      planned('other-kind', { kind: 'log' }),
      planned('other-port', { port: 9999 }),
      planned('new'),
    ];

    const changes = changesBetween(before, after);

    expect(changes.stop).toEqual(['gone']);
    expect(changes.start.map((exporter) => exporter.source)).toEqual(['new']);
    expect(changes.restart.map((exporter) => exporter.source)).toEqual(['other-kind', 'other-port']);
    expect(changes.reload).toEqual(['stays']);
  });
});
