// Loads YAML from memory, for tests.

import { formatDiagnostic } from '../../src/config/diagnostics.js';
import { loadConfig, type Loaded } from '../../src/config/load.js';
import type { Config } from '../../src/config/model.js';
import { fake } from './fake-kind.js';

const FOLDER = '/configuration';

/** As if the text stood in exporters.yaml; the only kind of source is `fake`. */
export function loadText(text: string | Uint8Array): Promise<Loaded> {
  return loadConfig('exporters.yaml', { cwd: FOLDER, kinds: { fake }, readFile: () => Promise.resolve(Buffer.from(text)) });
}

/** What is wrong, as `vigie check` prints it. */
export async function messages(text: string | Uint8Array): Promise<string[]> {
  return (await loadText(text)).diagnostics.map(formatDiagnostic);
}

/** The configuration of a text without errors. */
export async function configOf(text: string): Promise<Config> {
  const { config, diagnostics } = await loadText(text);
  if (!config) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return config;
}

/** A flow, its team and its partners, to which tests add what they are about. */
export const BASE = `
teams:
  flux: { email: flux@example.org }
partners:
  chuv: {}
  hug: {}
calendars:
  bureau-ch: { timezone: Europe/Zurich, open: { mon-fri: '07:00-19:00' } }
flows:
  factures-tge:
    title: Factures TGE
    team: flux
    direction: inbound
    partners: [chuv, hug]
    stages: [received, processed]
`;
