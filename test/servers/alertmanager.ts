// A real Alertmanager on loopback, alone, with its data in a temporary folder.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../port.js';
import { until } from '../wait.js';
import { program } from './describe.js';

export interface AlertmanagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

export interface Alertmanager {
  readonly url: string;
  /** All alerts that it knows and that have not ended; those that others hide included. */
  alerts(): Promise<AlertmanagerAlert[]>;
  stop(): Promise<void>;
}

/** @param file its configuration, with the templates where it says */
export async function startAlertmanager(file: string): Promise<Alertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-alertmanager-data-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    program('alertmanager'),
    [`--config.file=${file}`, `--storage.path=${folder}`, `--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill();
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(log);
      return (await fetch(`${url}/-/ready`)).ok;
    }, 20_000);
  } catch (error) {
    await stop();
    throw new Error(`Alertmanager does not start: ${log}`, { cause: error });
  }
  const alerts = async () => {
    const answer: AlertmanagerAlert[] = JSON.parse(await (await fetch(`${url}/api/v2/alerts`)).text());
    return answer;
  };
  return { url, alerts, stop };
}
