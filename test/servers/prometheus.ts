// A real Prometheus on loopback with its data in a temporary folder.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../port.js';
import { until } from '../wait.js';
import { program } from './describe.js';

export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
}

export interface Prometheus {
  readonly url: string;
  /** Answers an instant query. */
  query(promql: string): Promise<QueryResult[]>;
  alerts(): Promise<Alert[]>;
  /** Any path of its API below /api/v1/, the field `data` of the answer. */
  api<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

interface Answer<T> {
  readonly status: string;
  readonly error?: string;
  readonly data: T;
}

/**
 * @param config the text of its configuration; relative rule files start from the temporary folder, so name them absolutely
 * @param features those that it has only when they are asked for: `exemplar-storage`, say
 * @param past what it already has, as OpenMetrics with times; it is kept, however old it is
 */
export async function startPrometheus(config: string, features: readonly string[] = [], past?: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-prometheus-'));
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, config);
  if (past !== undefined) {
    writeFileSync(join(folder, 'past.txt'), past);
    // Blocks of two hours, the default, would be thousands.
    const import_ = [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      '--quiet',
      '--max-block-duration=768h',
      join(folder, 'past.txt'),
      join(folder, 'data'),
    ];
    await promisify(execFile)(program('promtool'), import_, { maxBuffer: 1 << 26 });
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    program('prometheus'),
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
      ...(past === undefined ? [] : ['--storage.tsdb.retention.time=100y']),
      ...features.map((feature) => `--enable-feature=${feature}`),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const api = async <T>(path: string): Promise<T> => {
    const answer: Answer<T> = JSON.parse(await (await fetch(`${url}/api/v1/${path}`)).text());
    if (answer.status !== 'success') throw new Error(answer.error);
    return answer.data;
  };
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(complaint);
      return (await fetch(`${url}/-/ready`)).ok;
    }, 20_000);
  } catch (error) {
    await stop();
    throw new Error(`Prometheus does not start: ${complaint}`, { cause: error });
  }
  return {
    url,
    api,
    stop,
    query: async (promql) => {
      const { result } = await api<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
        `query?query=${encodeURIComponent(promql)}`,
      );
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    alerts: async () => (await api<{ alerts: Alert[] }>('alerts')).alerts,
  };
}
