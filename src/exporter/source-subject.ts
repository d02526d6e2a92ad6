// Makes a source of the YAML into something an exporter can export.

import { createHash } from 'node:crypto';
import type { Config } from '../config/model.js';
import type { SourceConfig } from '../sources/kind.js';
import { loadKind } from '../sources/registry.js';
import { numbersExpected } from './counted-periods.js';
import type { Subject } from './subject.js';

/** The source of this name; undefined where the configuration has none. */
export async function findSource(config: Config, name: string): Promise<Subject | undefined> {
  const source = config.sources.find((one) => one.name === name);
  return source && sourceSubject(config, source);
}

async function sourceSubject(config: Config, source: SourceConfig): Promise<Subject> {
  const kind = await loadKind(source.kind);
  return {
    name: source.name,
    kind: source.kind,
    title: source.title ?? source.name,
    env: source.env,
    maxSeries: source.maxSeries,
    errors: kind.errors,
    baseDir: source.baseDir,
    fingerprint: fingerprint(config, source),
    create: (context) => kind.create(source, context),
  };
}

/** Over the source's block and what it can see of the flows and their calendars: nothing else changes what it does. */
function fingerprint(config: Config, source: SourceConfig): string {
  const flows = config.flows
    .filter(({ environments }) => environments.includes(source.env))
    .map(({ name, partners, stages, calendar }) => ({ name, partners, stages, calendar }));
  const partners = config.partners.map(({ name }) => name);
  const expected = numbersExpected(config, source.name);
  const calendars = new Set([...flows, ...expected].flatMap(({ calendar }) => calendar ?? []));
  const hours = [...calendars].map((name) => config.calendars[name]);
  return createHash('sha256').update(JSON.stringify({ source, flows, partners, hours, expected })).digest('hex');
}
