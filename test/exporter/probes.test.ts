// /probes of an exporter: what endpoints did and saw, for people and programs, and a probe that runs now. Over real sockets.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startExporter, type RunningExporter } from '../../src/exporter/runtime.js';
import { ProbeError } from '../../src/sources/endpoints/reasons.js';
import { SourceError } from '../../src/sources/kind.js';
import { settle } from '../fake-clock.js';
import { never, Rig } from '../sources/endpoints/rig.js';
import { until } from '../wait.js';
import { fakeCollector, fakeConfig, fakeSubject, recordingLogger } from './fake-subject.js';
import { get } from './http.js';

async function text(url: string, headers: Record<string, string> = {}, method = 'GET') {
  const { status, body, headers: answered } = await get(url, headers, method);
  return { status, body: body.toString(), headers: answered };
}

describe('the probes of an exporter', () => {
  let rig: Rig;
  let folder: string;
  const running: RunningExporter[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-probes-'));
    rig = new Rig();
    rig.play = async ({ say, watch }, name) => {
      watch.enter('connect');
      say(`connected to ${name}`);
      if (name.startsWith('bad')) throw new ProbeError('reset', 'the other side <hung> up');
    };
  });

  afterEach(async () => {
    for (const exporter of running.splice(0)) {
      const stopped = exporter.stop();
      await rig.clock.advance(5_000);
      await stopped;
    }
    await rm(folder, { recursive: true, force: true });
  });

  async function serve(subject = rig.subject({ endpoints: { 'chuv-api': {}, bad: {} } })): Promise<string> {
    const exporter = await startExporter({
      find: async () => subject,
      missing: () => 'none',
      configFile: 'exporters.yaml',
      listen: { host: '127.0.0.1', port: 0 },
      clock: rig.clock,
      logger: recordingLogger().logger,
      loadConfig: async () => ({ config: fakeConfig(), diagnostics: [] }),
      stateFolder: folder,
    });
    running.push(exporter);
    await rig.clock.advance(0);
    return exporter.url;
  }

  const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  test('are a page with those that are down first, and the last failures apart, which stay when it is up again', async () => {
    const url = await serve();
    rig.play = async ({ say }) => say('all well');
    await rig.clock.advance(60_000 * 30);

    const { body, headers } = await text(`${url}/probes`, html);

    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body.indexOf('id="probe-bad"')).toBeGreaterThan(0);
    expect(body).toContain('id="probe-bad-last"');
    expect(body).toMatch(/id="probe-bad-failed"[^]*✕ reset in connect: the other side &lt;hung&gt; up[^]*connected to bad/);
    expect(body.match(/all well/g)?.length).toBeGreaterThanOrEqual(20);
    expect((await text(url, html)).body).toContain('<a href="/probes">Probes</a>');
  });

  test('say who is down before who is up', async () => {
    const url = await serve(rig.subject({ endpoints: { a: {}, b: {}, 'bad-one': {} } }));

    const { body } = await text(`${url}/probes`, html);

    expect([...body.matchAll(/<td><a href="#probe-([\w-]+)"/g)].map(([, name]) => name)).toEqual(['bad-one', 'a', 'b']);
    expect(body).toContain('✕ 1 of 3 down');
  });

  test('are JSON for programs, all of them and one', async () => {
    const url = await serve();

    const all: unknown = JSON.parse((await text(`${url}/probes`, { accept: 'application/json' })).body);
    const one: unknown = JSON.parse((await text(`${url}/probes/bad`, { accept: 'application/json' })).body);

    const transcript = {
      at: Date.parse('2026-03-02T08:00:00Z'),
      durationMs: 0,
      failure: 'reset in connect: the other side <hung> up',
      lines: [{ afterMs: 0, text: 'connected to bad' }],
    };
    expect(one).toEqual({ name: 'bad', address: 'bad:443', up: false, last: [transcript], failed: [transcript] });
    expect(all).toEqual({ probes: [expect.objectContaining({ name: 'chuv-api', up: true, failed: [] }), one] });
  });

  test('can be filtered by name, address and reason', async () => {
    const url = await serve(rig.subject({ endpoints: { 'chuv-api': {}, 'hug-api': {}, bad: {} } }));
    const shown = async (query: string) =>
      [...(await text(`${url}/probes?q=${query}`, html)).body.matchAll(/<td><a href="#probe-([\w-]+)"/g)].map(([, name]) => name);

    expect(await shown('API')).toEqual(['chuv-api', 'hug-api']);
    expect(await shown('reset')).toEqual(['bad']);
    expect((await text(`${url}/probes?q=%3Cscript%3E`, html)).body).not.toContain('<script>');
  });

  test('have a page for each endpoint, which is the only place of its transcripts where there are many', async () => {
    const endpoints = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`api-${index}`, {}]));
    const url = await serve(rig.subject({ endpoints, at_once: 1_000 }));

    const { body } = await text(`${url}/probes`, html);
    const one = await text(`${url}/probes/api-999`, html);

    expect(body.match(/<section id="probe-/g)).toHaveLength(50);
    expect(body).toContain('<a href="/probes/api-999">api-999</a>');
    expect(body.length).toBeLessThan(1_500_000);
    expect(one.body).toContain('connected to api-999');
  }, 30_000);

  test('do not exist for a source that keeps no transcripts', async () => {
    const url = await serve(fakeSubject(() => [fakeCollector(async () => [])]));

    expect((await text(`${url}/probes`, html)).status).toBe(404);
    expect((await text(`${url}/probes/waiting`, html)).status).toBe(404);
    expect((await text(`${url}/probes/waiting`, {}, 'POST')).status).toBe(404);
    expect((await text(url, html)).body).not.toContain('/probes');
  });

  test('run now on POST and answer with the transcript: 200 where it is up', async () => {
    const url = await serve();
    await rig.clock.advance(1_234);

    const { status, body, headers } = await text(`${url}/probes/chuv-api`, { accept: '*/*' }, 'POST');

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(body).toBe('chuv-api: ok\n# chuv-api:443, 2026-03-02T08:00:01.234Z, 0.0 ms\n      0.0 ms  connected to chuv-api\n');
  });

  test('run now on POST and answer with the transcript: 502 where it is down, also one that is not confirmed', async () => {
    const url = await serve(rig.subject({ endpoints: { api: { confirm: 2 } } }));
    rig.play = () => Promise.reject(new ProbeError('auth', 'the password was refused', 'login'));

    const { status, body } = await text(`${url}/probes/api`, {}, 'POST');

    expect([status, body.split('\n')[0]]).toEqual([502, 'api: auth in login: the password was refused']);
    expect((await text(`${url}/metrics`)).body).toContain('endpoint_up{endpoint="api",env="prod",protocol="tcp",origin="internal"} 1');
  });

  test('are counted like others when they run now, and the next one comes in its turn', async () => {
    const url = await serve(rig.subject({ endpoints: { api: {} } }));

    for (let count = 0; count < 5; count++) await text(`${url}/probes/api`, {}, 'POST');
    await rig.clock.advance(60_000);

    const { body } = await text(`${url}/metrics`);
    const probes = Number(/endpoint_probes_total\{.*result="success"\} (\d+)/.exec(body)?.[1]);
    expect(probes).toBeGreaterThanOrEqual(11);
    expect(probes).toBeLessThanOrEqual(12);
  });

  test('that run already are waited for, not doubled', async () => {
    let asked = 0;
    rig.play = async () => {
      asked++;
      await new Promise<void>((resolve) => rig.clock.after(500, resolve));
    };
    const url = await serve(rig.subject({ endpoints: { api: {} } }));

    const answers = Promise.all([1, 2, 3].map(() => text(`${url}/probes/api`, {}, 'POST')));
    await until(async () => {
      await rig.clock.advance(100);
      return Promise.race([answers, settle()]);
    });

    expect((await answers).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(asked).toBeLessThanOrEqual(2);
  });

  test('respect the guard of the account when they run now', async () => {
    let tries = 0;
    rig.play = ({ guard, signal }) =>
      guard.attempt('wrong', signal, async (verdict) => {
        tries++;
        verdict(false);
        throw new ProbeError('auth', undefined, 'login');
      });
    const url = await serve({ ...rig.subject({ endpoints: { api: { account: 'me@api' } } }) });

    const answers: { readonly status: number | undefined; readonly body: string }[] = [];
    for (let count = 0; count < 10; count++) answers.push(await text(`${url}/probes/api`, {}, 'POST'));

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 502));
    expect(answers.at(-1)?.body).toContain('login_paused in login: no login before 2026-03-02T08:05:00.000Z');
    expect(tries).toBe(1);
  });

  test('say what is missing on our side with 500', async () => {
    rig.play = () => Promise.reject(new SourceError('secret', 'secret', 'API_KEY is not set'));
    const url = await serve(rig.subject({ endpoints: { api: {} } }));

    const { status, body } = await text(`${url}/probes/api`, {}, 'POST');

    expect(status).toBe(500);
    expect(body).toMatch(/^api: could not be asked \(secret, secret\): API_KEY is not set\n/);
  });

  test('answer 404 with a suggestion for a name that is none, and 400 for one that cannot be read', async () => {
    const url = await serve();

    const posted = await text(`${url}/probes/chuv-ap`, {}, 'POST');

    expect(posted.status).toBe(404);
    expect(posted.body).toBe('there is no probe "chuv-ap" (is it "chuv-api"?)\n');
    expect((await text(`${url}/probes/chuv-ap`)).status).toBe(404);
    expect((await text(`${url}/probes/%E0%A4%A`, {}, 'POST')).status).toBe(400);
  });

  test('answer 409 while the exporter stops', async () => {
    const url = await serve(rig.subject({ endpoints: { api: {} } }));
    let begun = false;
    rig.play = () => {
      begun = true;
      return never();
    };
    const asking = text(`${url}/probes/api`, {}, 'POST');
    await until(() => begun);

    const [exporter] = running.splice(0);
    const stopped = exporter?.stop();

    expect((await asking).status).toBe(409);
    await rig.clock.advance(5_000);
    await stopped;
  });

  test('run for no page of another site; a browser is led to the page of the endpoint', async () => {
    const url = await serve();

    const foreign = await text(`${url}/probes/bad`, { ...html, 'sec-fetch-site': 'cross-site' }, 'POST');
    const own = await text(`${url}/probes/bad`, { ...html, 'sec-fetch-site': 'same-origin' }, 'POST');

    expect(foreign.status).toBe(403);
    expect([own.status, own.headers['location']]).toEqual([303, '/probes/bad']);
  });

  test('take GET, HEAD and POST alone', async () => {
    const url = await serve();

    const one = await text(`${url}/probes/bad`, {}, 'DELETE');
    const all = await text(`${url}/probes`, {}, 'POST');

    expect([one.status, one.headers['allow']]).toEqual([405, 'GET, HEAD, POST']);
    expect([all.status, all.headers['allow']]).toEqual([405, 'GET, HEAD']);
  });
});
