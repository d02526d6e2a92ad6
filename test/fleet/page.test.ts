// The page as HTML; test/fleet/browser.test.ts looks at it in a browser.

import { viewEndpoints, type EndpointView } from '../../src/fleet/endpoints.js';
import { viewFlows } from '../../src/fleet/flows.js';
import { renderFleetPage } from '../../src/fleet/page/index.js';
import type { FleetView } from '../../src/fleet/view.js';
import { flow } from '../flow.js';
import { backlog, config, dead, fleetView, messages, NOW, speaking, watchedBy } from './fixtures.js';

function page(view: FleetView, query = ''): string {
  return renderFleetPage(view, { host: 'vigie.example.org', query }).body.replace(/\s+/g, ' ');
}

/** Text of the page without markup, style and script. */
function words(view: FleetView, query = ''): string {
  return page(view, query)
    .replace(/<(style|script)>.*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

function ofFlows(...names: readonly string[]): FleetView {
  const flows = names.map((name) => flow({ name, title: `Title of ${name}`, partners: ['chuv'], stages: ['received'] }));
  return fleetView({ flows: viewFlows(config({ flows }), watchedBy(), [], () => undefined) });
}

function endpoint(name: string, up: boolean | undefined): EndpointView {
  return {
    source: 'probes',
    endpoint: name,
    partner: 'hug',
    env: 'prod',
    protocol: 'https',
    up,
    reason: up === false ? 'unexpected status in phase wait' : undefined,
    duration: undefined,
    code: undefined,
    certificateExpiresAt: undefined,
  };
}

describe('the page of the fleet', () => {
  test('begins with how many exporters are up, and names those that are not', () => {
    expect(words(fleetView({ exporters: [speaking('db', []), speaking('log', [])] }))).toContain('✓ 2 of 2 exporters up');
    expect(words(fleetView({ exporters: [speaking('db', []), dead('log')] }))).toContain('✕ 1 of 2 exporters up; in trouble: log');
  });

  test('tells at its head which endpoints are down, and nothing of those that are not', () => {
    const text = words(fleetView({ endpoints: [endpoint('chuv-api', true), endpoint('hug-api', false), endpoint('new-api', undefined)] }));

    expect(text).toContain('✕ 1 endpoint down: hug-api');
    expect(words(fleetView({ endpoints: [endpoint('chuv-api', true)] }))).not.toContain('endpoint down');
  });

  test('shows how many messages are rejected, and at which rate', () => {
    const exporters = [speaking('db', [messages(128), messages(56, {}, 'rejected')])];

    const text = words(fleetView({ exporters, flows: viewFlows(config(), watchedBy('db'), exporters, () => 28) }));

    expect(text).toContain('received 184 56/min 56 rejected, 28/min');
  });

  test('GM2: shows the stages of a flow in order, with what passed, at which rate, and what waits', () => {
    const exporters = [speaking('db', [messages(1_234_567), backlog(12, { stage: 'processed' })])];

    const text = words(fleetView({ exporters, flows: viewFlows(config(), watchedBy('db'), exporters, () => 4.2) }));

    expect(text).toMatch(/received 1 234 567 4\.2\/min processed – 12 waiting/);
  });

  test('says why there are no data, and whose fault it is', () => {
    const exporters = [dead('db', 'exit code 1')];

    const text = words(fleetView({ exporters, flows: viewFlows(config(), watchedBy('db'), exporters, () => undefined) }));

    expect(text).toContain('✕ no data from db');
    expect(text).toContain('✕ no data, because db: its process ended: exit code 1');
    expect(text).toContain('cannot open the file');
  });

  test('names the partner whose backlog crosses a bound', () => {
    const bounds = [{ indicator: 'backlog', statistic: 'held', severity: 'critical', side: 'above', value: 100, window: '1m' }] as const;
    const exporters = [speaking('db', [backlog(150, { partner: 'hug' }), backlog(3, { partner: 'chuv' })])];

    const text = words(
      fleetView({ exporters, flows: viewFlows(config({ flows: [flow({ bounds })] }), watchedBy('db'), exporters, () => undefined) }),
    );

    expect(text).toContain('▲ 153 waiting hug is above its bound of 100');
  });

  test('escapes whatever comes from outside', () => {
    const nasty = '<img src=x onerror=alert(1)>';
    const exporters = [dead(nasty, nasty), speaking('probes', [{ metric: 'endpoint_up', labels: { endpoint: nasty }, value: 1 }])];
    const flows = viewFlows(
      config({ flows: [flow({ name: nasty, title: nasty, partners: [nasty], stages: [nasty] })] }),
      watchedBy(nasty),
      exporters,
      () => 1,
    );
    const reload = { successful: false, at: NOW, messages: [nasty] };

    const body = page(fleetView({ exporters, flows, endpoints: viewEndpoints(exporters, () => []), reload }), nasty);

    expect(body).not.toContain('<img');
    expect(body).toContain('&lt;img');
  });

  test('lets nothing run but its own style and script', () => {
    const { headers } = renderFleetPage(fleetView(), { host: '127.0.0.1', query: '' });

    expect(headers['Content-Security-Policy']).toMatch(/^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+';/);
    expect(headers['Content-Security-Policy']).toContain("connect-src 'self'");
  });

  test('links to the exporters at the host that the reader reaches them by', () => {
    const body = page(fleetView({ exporters: [speaking('db', [])] }));

    expect(body).toContain('href="http://vigie.example.org:9702/metrics"');
  });

  test('shows what is wrong with the configuration when a reload failed, and folds mere warnings away', () => {
    const failed = page(fleetView({ reload: { successful: false, at: NOW - 3_000, messages: ['a.yaml:1:1 error x'] } }));
    const warned = page(fleetView({ reload: { successful: true, at: NOW - 3_000, messages: ['a.yaml:1:1 warning x'] } }));

    expect(failed).toMatch(/✕ The last reload failed<\/strong> \(3 s ago\) <ul> <li class="message">a\.yaml:1:1 error x/);
    expect(warned).toMatch(/<details class="notice waiting" data-key="warnings">.*a\.yaml:1:1 warning x/);
  });

  test('shows a hundred of many flows, folded, and says how many more there are', () => {
    const view = ofFlows(...Array.from({ length: 500 }, (_, index) => `flow-${index}`));

    const body = page(view);

    expect(body.match(/<details class="card flow"/g)).toHaveLength(100);
    expect(body.match(/data-open="yes"/g)).toBeNull();
    expect(body).toContain('400 more flows: filter to see them.');
  });

  test('unfolds those in trouble among many, and shows them first', () => {
    const names = Array.from({ length: 40 }, (_, index) => `flow-${index}`);
    const flows = names.map((name) => flow({ name, partners: ['chuv'], stages: ['received'] }));
    const exporters = [dead('db')];

    const body = page(
      fleetView({
        exporters,
        flows: viewFlows(
          config({ flows }),
          (name) => (name === 'flow-39' ? watchedBy('db')() : []),
          exporters,
          () => undefined,
        ),
      }),
    );

    const keys = [...body.matchAll(/data-key="(?<key>flow-\d+) prod" data-open="(?<open>\w+)"/g)].map(
      ({ groups }) => `${groups?.['key']} ${groups?.['open']}`,
    );
    expect(keys.slice(0, 3)).toEqual(['flow-39 yes', 'flow-0 no', 'flow-1 no']);
  });

  test('finds flows by any words of their name, title, team or partners', () => {
    const view = ofFlows(...Array.from({ length: 50 }, (_, index) => `flow-${index}`));

    expect(words(view, 'FLOW-49 chuv')).toContain('1 of 50 flows');
    expect(page(view, 'FLOW-49 chuv').match(/<details class="card flow"/g)).toHaveLength(1);
    expect(words(view, 'nothing like it')).toContain('0 of 50 flows');
  });
});
