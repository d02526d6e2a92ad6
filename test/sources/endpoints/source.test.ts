// The frame of endpoints, with probers that the test plays: what is told of them, when, and what each failure means.

import type { Accumulator } from '../../../src/domain/accumulator.js';
import { ProbeError } from '../../../src/sources/endpoints/reasons.js';
import { endpointErrors } from '../../../src/sources/endpoints/source.js';
import { SourceError } from '../../../src/sources/kind.js';
import { fakeConfig } from '../../exporter/fake-subject.js';
import { settle } from '../../fake-clock.js';
import { memoryUsed } from '../../memory.js';
import { linesOf, look, never, Rig, valueOf, type Play } from './rig.js';

const refuse: Play = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));

/** Counters of an accumulator that are not 0, by the labels that tell them apart. */
function counted(accumulator: Accumulator | undefined): Record<string, number> {
  const found = (accumulator?.observations() ?? []).map(({ labels: { result, phase, reason }, value }) => [
    result ?? `${phase}/${reason}`,
    value,
  ]);
  return Object.fromEntries(found.filter(([, value]) => value !== 0));
}

describe('an endpoint', () => {
  let rig: Rig;

  beforeEach(() => {
    rig = new Rig();
  });

  test('is up, with the time of each phase that it reached and what the kind observed', async () => {
    rig.play = async ({ watch, observe, clock, say }) => {
      watch.enter('resolve');
      await rig.clock.advance(3);
      watch.enter('connect');
      await rig.clock.advance(7);
      observe({ name: 'endpoint_http_status_code', type: 'gauge', help: '', labels: ['endpoint'] }, 301);
      observe({ name: 'endpoint_http_status_code', type: 'gauge', help: '', labels: ['endpoint'] }, 200);
      say(`at ${clock.monotonic()}`);
    };
    const source = await rig.source({ endpoints: { api: { partner: 'chuv' } } });

    const observations = await look(source);

    const labels = { endpoint: 'api', partner: 'chuv', flow: '', env: 'prod', site: '', protocol: 'tcp', origin: 'partner' };
    expect(observations.map(({ metric, labels: of, value }) => [metric.name, of, value])).toEqual([
      ['endpoint_up', labels, 1],
      ['endpoint_duration_seconds', { ...labels, phase: 'resolve' }, 0.003],
      ['endpoint_duration_seconds', { ...labels, phase: 'connect' }, 0.007],
      ['vigie_probe_wait_seconds', { source: 'probes', kind: 'tcp', collector: 'api' }, 0],
      ['endpoint_http_status_code', labels, 200],
    ]);
    expect(counted(rig.accumulators.get('api'))).toEqual({ success: 1 });
    expect(rig.findings[0]?.server).toBe('api:443');
  });

  test('has all counters that may ever count at 0 from the first scrape, in an exporter too', async () => {
    rig.play = never;
    const watch = await rig.watch({ endpoints: { api: { expect: { within: '1s' }, account: 'me@api' }, ping: {} } });

    watch.start();
    await rig.clock.advance(0);

    const failures = linesOf(watch, 'endpoint_failures_total{endpoint="api"');
    expect(failures.map((line) => /phase="(\w+)",reason="(\w+)"} (\d+)/.exec(line)?.slice(1).join(' ') ?? line).toSorted()).toEqual([
      'connect refused 0',
      'connect slow 0',
      'connect timeout 0',
      'login login_paused 0',
      'resolve dns 0',
      'wait slow 0',
      'wait timeout 0',
    ]);
    expect(linesOf(watch, 'endpoint_failures_total{endpoint="ping"')).toHaveLength(4);
    expect(linesOf(watch, 'endpoint_probes_total{')).toHaveLength(4);
    await watch.stop();
  });

  test('is down for a reason, which is counted; the source is not to blame', async () => {
    rig.play = async (run) => {
      run.watch.enter('connect');
      return refuse(run, 'api');
    };
    const watch = await rig.watch({ endpoints: { api: {} } });

    watch.start();
    await rig.clock.advance(0);

    expect(linesOf(watch, 'endpoint_up{')).toEqual(['endpoint_up{endpoint="api",env="prod",protocol="tcp",origin="internal"} 0']);
    expect(linesOf(watch, 'endpoint_failure_info{')[0]).toContain('phase="connect",reason="refused"} 1');
    expect(linesOf(watch, 'endpoint_failures_total{').filter((line) => !line.endsWith(' 0'))).toHaveLength(1);
    expect(watch.collectors()[0]?.up).toBe(true);
    await watch.stop();
  });

  test('is asked on its own schedule', async () => {
    const asked: string[] = [];
    rig.play = async (_run, name) => void asked.push(name);
    const watch = await rig.watch({ endpoints: { often: { every: '1s', timeout: '1s' }, seldom: {} } });

    watch.start();
    await rig.clock.advance(30_000);

    expect(asked.filter((name) => name === 'often').length).toBeGreaterThanOrEqual(30);
    expect(asked.filter((name) => name === 'seldom')).toHaveLength(4);
    await watch.stop();
  });

  test('that is slower than it may be is down, in the phase that took longest', async () => {
    rig.play = async ({ watch }) => {
      watch.enter('connect');
      await rig.clock.advance(100);
      watch.enter('wait');
      await rig.clock.advance(950);
    };
    const source = await rig.source({ endpoints: { api: { expect: { within: '1s' } } } });

    const observations = await look(source);

    expect(valueOf(observations, 'endpoint_up')).toBe(0);
    expect(counted(rig.accumulators.get('api'))).toEqual({ failure: 1, 'wait/slow': 1 });
    expect(source.journals?.()[0]?.failed[0]?.failure).toBe('slow in wait: 1s are allowed, it took 1050 ms');
  });

  test('NE-T5: tells above which mean time it is slow, in seconds, beside each probe; without bounds nothing', async () => {
    rig.play = async () => {};
    const bounded = await rig.source({ endpoints: { api: { slow: { warning: '200ms', critical: '1m30s', over: '1m' } }, ping: {} } });

    const bounds = (await look(bounded)).filter(({ metric }) => metric.name === 'endpoint_duration_bound_seconds');

    expect(bounds.map(({ labels, value }) => [labels['endpoint'], labels['severity'], labels['window'], value])).toEqual([
      ['api', 'warning', '1m', 0.2],
      ['api', 'critical', '1m', 90],
    ]);
  });

  test('is slow over five minutes where it does not say over which time', async () => {
    rig.play = async () => {};
    const source = await rig.source({ endpoints: { api: { slow: { critical: '2s' } } } });

    const bounds = (await look(source)).filter(({ metric }) => metric.name === 'endpoint_duration_bound_seconds');

    expect(bounds.map(({ labels }) => labels['window'])).toEqual(['5m']);
  });

  test('says nothing where something is missing on our side: no counter, no state, but a transcript', async () => {
    rig.play = () => Promise.reject(new SourceError('secret', 'secret', 'API_KEY is not set'));
    const source = await rig.source({ endpoints: { api: {} } });

    await expect(look(source)).rejects.toThrow('API_KEY is not set');

    expect(counted(rig.accumulators.get('api'))).toEqual({});
    expect(source.journals?.()[0]?.last[0]?.failure).toBe('not asked: API_KEY is not set');
  });

  test('is not accused of a mistake of ours', async () => {
    rig.play = async ({ watch }) => {
      watch.enter('wait');
      throw new TypeError('secret is not iterable');
    };
    const source = await rig.source({ endpoints: { api: {} } });

    const error = await look(source).catch((one: unknown) => one);

    expect(error).toMatchObject({ phase: 'probe', errorClass: 'internal', message: 'unexpected TypeError' });
    expect(endpointErrors['probe']).toContain('internal');
    expect(counted(rig.accumulators.get('api'))).toEqual({});
  });

  test('writes no secret into its transcript, nor into what vigie try shows', async () => {
    rig.play = async ({ say, hide }) => {
      hide('hunter22');
      say('> hunter22');
      throw new ProbeError('auth', 'hunter22 was refused', 'login');
    };
    const source = await rig.source({ endpoints: { api: {} } });

    await look(source);

    expect(JSON.stringify(source.journals?.())).not.toContain('hunter22');
    expect(source.journals?.()[0]?.last[0]).toMatchObject({ failure: 'auth in login: *** was refused', lines: [{ text: '> ***' }] });
    expect(JSON.stringify([rig.findings, rig.findings[0]?.report?.(10)])).not.toContain('hunter22');
  });
});

/** endpoint_up after each of the probes. */
async function results(confirm: number | undefined, outcomes: readonly boolean[]): Promise<(number | undefined)[]> {
  const rig = new Rig();
  const source = await rig.source({ endpoints: { api: { ...(confirm !== undefined && { confirm }) } } });
  const up: (number | undefined)[] = [];
  for (const succeeds of outcomes) {
    rig.play = succeeds ? () => Promise.resolve() : refuse;
    up.push(valueOf(await look(source), 'endpoint_up'));
  }
  expect(counted(rig.accumulators.get('api'))['failure']).toBe(outcomes.filter((succeeds) => !succeeds).length || undefined);
  return up;
}

describe('confirm', () => {
  test('without it each failure turns endpoint_up', async () => {
    expect(await results(undefined, [true, false, true])).toEqual([1, 0, 1]);
  });

  test('of 2, a single blip is counted and does not turn endpoint_up; the second failure does; the first success turns it back', async () => {
    expect(await results(2, [true, false, true, false, false, false, true, false])).toEqual([1, 1, 1, 1, 0, 0, 1, 1]);
  });

  test('an endpoint that was never up is down with its first failure', async () => {
    expect(await results(3, [false, false, true, false])).toEqual([0, 0, 1, 1]);
  });

  test('that of the source holds where the endpoint has none, and both may differ', async () => {
    const rig = new Rig();
    const source = await rig.source({ confirm: 2, endpoints: { calm: {}, nervous: { confirm: 1 } } });
    for (const name of ['calm', 'nervous']) await look(source, name);
    rig.play = refuse;

    expect(valueOf(await look(source, 'calm'), 'endpoint_up')).toBe(1);
    expect(valueOf(await look(source, 'nervous'), 'endpoint_up')).toBe(0);
  });

  test('why the last probe failed is told while it is not confirmed yet', async () => {
    const rig = new Rig();
    const source = await rig.source({ confirm: 2, endpoints: { api: {} } });
    await look(source);
    rig.play = refuse;

    expect(valueOf(await look(source), 'endpoint_failure_info')).toBe(1);
  });
});

describe('labels', () => {
  test.each([
    ['a partner is named: partner', { endpoint: { partner: 'chuv' } }, 'partner'],
    ['no partner: internal', { endpoint: {} }, 'internal'],
    ['it is the reference of the source: network', { endpoint: {}, reference: 'api' }, 'network'],
    ['it is the reference of another endpoint: network', { endpoint: {}, ofOther: 'api' }, 'network'],
    ['the YAML says so', { endpoint: { partner: 'chuv', origin: 'platform' } }, 'platform'],
  ] as const)('origin where %s', async (_case, { endpoint, ...references }, origin) => {
    const { reference, ofOther } = { reference: undefined, ofOther: undefined, ...references };
    const source = await new Rig().source({
      endpoints: { api: endpoint, other: { ...(ofOther && { reference: ofOther }) } },
      ...(reference && { reference }),
    });

    const [up] = await look(source, 'api');

    expect(up?.labels['origin']).toBe(origin);
  });

  test('NE3: site is that of the source, else that of the exporter', async () => {
    const rig = new Rig();
    rig.site = 'geneva';

    const [of] = await look(await rig.source({ endpoints: { api: {} } }));
    const [own] = await look(await rig.source({ endpoints: { api: {} }, site: 'bern' }));

    expect(of?.labels['site']).toBe('geneva');
    expect(own?.labels['site']).toBe('bern');
  });

  test('the reference of an endpoint is told: its own, else that of the source; none of itself', async () => {
    const source = await new Rig().source({
      endpoints: { api: {}, hug: { reference: 'hug-net' }, net: {}, 'hug-net': {} },
      reference: 'net',
    });

    const told = await Promise.all(
      ['api', 'hug', 'net', 'hug-net'].map(async (name) =>
        (await look(source, name)).find(({ metric }) => metric.name === 'endpoint_reference_info'),
      ),
    );

    expect(told.map((one) => one?.labels['reference'])).toEqual(['net', 'hug-net', undefined, 'net']);
  });
});

describe('a probe that takes too long', () => {
  test('is cut off at its timeout though it never settles, and disturbs no neighbour', async () => {
    const rig = new Rig();
    rig.play = async ({ watch }, name) => {
      watch.enter('wait');
      if (name === 'dead') await never();
    };
    const watch = await rig.watch({
      endpoints: { dead: { host: 'same' }, well: { host: 'same', every: '1s', timeout: '1s' } },
      at_once_per_host: 2,
    });

    watch.start();
    await rig.clock.advance(60_000);

    const [dead, well] = watch.collectors();
    expect(dead?.runs.length).toBeGreaterThanOrEqual(6);
    expect(dead?.runs.map(({ durationMs, error }) => [durationMs, error])).toEqual(
      Array.from({ length: dead?.runs.length ?? 0 }, () => [2_000, undefined]),
    );
    expect(well?.runs.every(({ durationMs, error }) => durationMs === 0 && error === undefined)).toBe(true);
    expect(linesOf(watch, 'endpoint_failure_info{')).toEqual([expect.stringContaining('endpoint="dead"')]);
    expect(linesOf(watch, 'endpoint_failure_info{')[0]).toContain('phase="wait",reason="timeout"');
    await watch.stop();
  });

  test('tells nothing any more once it is cut off', async () => {
    const rig = new Rig();
    let late: (() => void) | undefined;
    rig.play = async ({ watch, say, observe }) => {
      watch.enter('connect');
      late = () => {
        watch.enter('wait');
        say('too late');
        observe({ name: 'endpoint_http_status_code', type: 'gauge', help: '', labels: [] }, 200);
      };
      await never();
    };
    const source = await rig.source({ endpoints: { api: {} } });

    const looking = look(source);
    await rig.clock.advance(2_000);
    const observations = await looking;
    late?.();
    await rig.clock.advance(2_000);

    expect(observations.filter(({ metric }) => metric.name === 'endpoint_duration_seconds').map(({ labels }) => labels['phase'])).toEqual([
      'connect',
    ]);
    expect(source.journals?.()[0]?.last[0]).toMatchObject({ failure: 'timeout in connect', durationMs: 2_000, lines: [] });
    expect(valueOf(observations, 'endpoint_http_status_code')).toBeUndefined();
  });

  test('what comes of being cut off is a timeout too, whatever it looks like', async () => {
    const rig = new Rig();
    rig.play = async ({ watch, signal }) => {
      watch.enter('wait');
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new TypeError('socket is null'))));
    };
    const source = await rig.source({ endpoints: { api: {} } });

    const looking = look(source);
    await rig.clock.advance(2_000);
    await looking;

    expect(counted(rig.accumulators.get('api'))).toEqual({ failure: 1, 'wait/timeout': 1 });
  });

  test('that is stopped says nothing of the endpoint', async () => {
    const rig = new Rig();
    rig.play = never;
    const source = await rig.source({ endpoints: { api: {} } });
    const controller = new AbortController();

    const looking = look(source, 'api', controller.signal);
    await settle();
    controller.abort();

    await expect(looking).rejects.toMatchObject({ phase: 'probe', errorClass: 'timeout', message: 'the probe was stopped' });
    expect(counted(rig.accumulators.get('api'))).toEqual({});
    expect(source.journals?.()[0]?.last).toEqual([]);
  });
});

describe('limits', () => {
  test('whose turn does not come within its interval is told so, with the mend, and is not accused', async () => {
    const rig = new Rig();
    rig.play = never;
    const source = await rig.source({ endpoints: { a: { timeout: '10s' }, b: { every: '5s', timeout: '5s' } }, at_once: 1 });

    const first = look(source, 'a');
    const second = look(source, 'b').catch((error: unknown) => error);
    await rig.clock.advance(5_000);

    expect(await second).toMatchObject({
      phase: 'turn',
      errorClass: 'timeout',
      message:
        'its turn did not come within 5s: more probes are due than may run at once: raise at_once or at_once_per_host, or ask less often',
    });
    expect(counted(rig.accumulators.get('b'))).toEqual({});
    await rig.clock.advance(5_000);
    await first;
  });

  test('how long a probe waited for its turn is a metric, and no part of its duration or its timeout', async () => {
    const rig = new Rig();
    rig.play = async ({ watch }) => {
      watch.enter('connect');
      await new Promise<void>((resolve) => rig.clock.after(1_500, resolve));
    };
    const source = await rig.source({ endpoints: { a: { host: 'x' }, b: { host: 'x' } }, at_once_per_host: 1 });

    const looks = Promise.all([look(source, 'a'), look(source, 'b')]);
    await rig.clock.advance(3_000);
    const [a, b] = await looks;

    expect([valueOf(a, 'vigie_probe_wait_seconds'), valueOf(b, 'vigie_probe_wait_seconds')]).toEqual([0, 1.5]);
    expect(valueOf(b, 'endpoint_duration_seconds')).toBe(1.5);
    expect(valueOf(b, 'endpoint_up')).toBe(1);
  });

  test('many that hang do not keep those that are well from their turn', async () => {
    const rig = new Rig();
    rig.play = (_run, name) => (name.startsWith('dead') ? never() : Promise.resolve());
    const dead = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`dead${index}`, { timeout: '10s' }]));
    const well = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`well${index}`, {}]));
    const watch = await rig.watch({ endpoints: { ...dead, ...well }, at_once: 20 });

    watch.start();
    await rig.clock.advance(120_000);

    const waits = linesOf(watch, 'vigie_probe_wait_seconds{').filter((line) => line.includes('"well'));
    expect(waits).toHaveLength(10);
    expect(waits.filter((line) => !line.endsWith('} 0'))).toEqual([]);
    await watch.stop();
  });
});

const wrong: Play = ({ guard, signal }) =>
  guard.attempt('wrong', signal, async (verdict) => {
    verdict(false);
    throw new ProbeError('auth', undefined, 'login');
  });

describe('logins', () => {
  test('ten endpoints that share a wrong password cost one refusal; the others say that logins are paused', async () => {
    const rig = new Rig();
    let refusals = 0;
    rig.play = ({ guard, signal }) =>
      guard.attempt('wrong', signal, async (verdict) => {
        refusals++;
        verdict(false);
        throw new ProbeError('auth', undefined, 'login');
      });
    const endpoints = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`api${index}`, { account: 'me@partner' }]));
    const watch = await rig.watch({ endpoints });

    watch.start();
    await rig.clock.advance(200_000);

    expect(refusals).toBe(1);
    expect(linesOf(watch, 'endpoint_failure_info{').filter((line) => line.includes('phase="login",reason="login_paused"'))).toHaveLength(
      10,
    );
    expect(linesOf(watch, 'vigie_login_paused{').filter((line) => line.endsWith(' 1'))).toHaveLength(10);
    expect(linesOf(watch, 'vigie_login_retry_timestamp_seconds{')[0]).toContain(` ${Date.parse('2026-03-02T08:05:00Z') / 1000}`);
    await rig.clock.advance(110_000);
    expect(refusals).toBe(2);
    await watch.stop();
  });

  test('accounts are guarded apart, and the record of a guard does not name its account', async () => {
    const rig = new Rig();
    rig.play = wrong;
    const source = await rig.source({ endpoints: { a: { account: 'me@a' }, b: { account: 'me@b' } } });

    const failures = await Promise.all([look(source, 'a'), look(source, 'b')]);

    expect(failures.map((one) => valueOf(one, 'vigie_login_rejections'))).toEqual([1, 1]);
    expect([...rig.records.keys()].every((name) => /^login-[0-9a-f]{16}$/.test(name))).toBe(true);
    expect(rig.records.size).toBe(2);
  });

  test('a refusal that cannot be kept on the disk is told as something to mend', async () => {
    const rig = new Rig();
    rig.play = wrong;
    const source = await rig.source({ endpoints: { api: { account: 'me@a' } } });
    const [record] = rig.records.values();
    if (record) record.write = () => Promise.reject(new SourceError('state', 'state', 'the disk is full'));

    const observations = await look(source);

    expect(valueOf(observations, 'endpoint_up')).toBe(0);
    expect(source.warnings?.()).toEqual([
      'a login was refused, and that cannot be kept over a restart of this exporter, which would try again: the disk is full',
    ]);
  });
});

describe('a reload', () => {
  test('leaves no series of other labels behind: another origin, partner or site is another series', async () => {
    const rig = new Rig();
    rig.play = refuse;
    const watch = await rig.watch({ endpoints: { api: { partner: 'chuv' }, other: {} } });
    watch.start();
    await rig.clock.advance(0);

    await watch.replace({
      subject: rig.subject({ endpoints: { api: {}, other: {} }, site: 'bern' }),
      config: fakeConfig(),
    });
    await rig.clock.advance(0);

    const lines = linesOf(watch, 'endpoint_');
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => line.includes('chuv') || !line.includes('site="bern"'))).toEqual([]);
    await watch.stop();
  });

  test('keeps the counters of what has not changed', async () => {
    const rig = new Rig();
    let source = await rig.source({ endpoints: { api: {} } });
    await look(source);

    source = await rig.reload(source, { endpoints: { api: { confirm: 2 }, another: {} } });
    await look(source);

    expect(counted(rig.accumulators.get('api'))).toEqual({ success: 2 });
  });

  test('keeps history and confirmation of an endpoint, and forgets those of another address under its name', async () => {
    const rig = new Rig();
    let source = await rig.source({ endpoints: { api: { confirm: 2 } } });
    await look(source);
    source = await rig.reload(source, { endpoints: { api: { confirm: 2 } } });
    rig.play = refuse;
    expect(valueOf(await look(source), 'endpoint_up')).toBe(1);
    expect(source.journals?.()[0]?.last).toHaveLength(2);

    source = await rig.reload(source, { endpoints: { api: { confirm: 2, address: 'elsewhere:443' } } });

    expect(source.journals?.()[0]?.last).toEqual([]);
    expect(valueOf(await look(source), 'endpoint_up')).toBe(0);
  });

  test('keeps guards: a reload does not make anybody try again', async () => {
    const rig = new Rig();
    let tries = 0;
    rig.play = ({ guard, signal }) =>
      guard.attempt('wrong', signal, async (verdict) => {
        tries++;
        verdict(false);
        throw new ProbeError('auth', undefined, 'login');
      });
    let source = await rig.source({ endpoints: { api: { account: 'me@a' } } });
    await look(source);
    for (let reload = 0; reload < 5; reload++) {
      source = await rig.reload(source, { endpoints: { api: { account: 'me@a', confirm: reload + 1 } } });
      await look(source);
    }

    expect(tries).toBe(1);
  });

  test('remembers nothing of endpoints that are gone', async () => {
    const rig = new Rig();
    let source = await rig.source({ endpoints: { first: { account: 'a' } } });
    for (let reload = 0; reload < 20; reload++)
      source = await rig.reload(source, { endpoints: { [`api${reload}`]: { account: `a${reload}` } } });

    expect(await source.close()).toEqual({ states: expect.objectContaining({ size: 1 }), guards: expect.objectContaining({ size: 1 }) });
  });
});

describe('memory', () => {
  test('is flat over ten thousand probes, of which every third fails, every fifth hangs and all say much', async () => {
    const rig = new Rig();
    let count = 0;
    rig.play = async ({ say, observe, hide, watch }) => {
      const number = ++count;
      watch.enter('wait');
      hide(`secret-${number}`);
      for (let line = 0; line < 30; line++) say(`line ${line} of probe ${number}: ${'x'.repeat(500)}`);
      observe({ name: 'endpoint_http_status_code', type: 'gauge', help: '', labels: [] }, number);
      if (number % 5 === 0) await never();
      if (number % 3 === 0) throw new ProbeError('reset', `at ${number}`);
    };
    rig.findings.push = () => 0;
    const endpoints = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`api${index}`, {}]));
    const watch = await rig.watch({ endpoints }, { interval: 2_000, timeout: 1_000 });
    watch.start();
    await rig.clock.advance(200_000);
    const before = memoryUsed();
    const done = count;

    await rig.clock.advance(1_000_000);

    expect(count - done).toBeGreaterThanOrEqual(9_900);
    // What all of them say takes 90 MB; other suites in the same process leave some to be freed at any time.
    expect(memoryUsed() - before).toBeLessThan(30_000_000);
    await watch.stop();
  }, 120_000);
});
