// Which exporters a configuration asks for, and what a changed configuration means for those that run.

import type { Config } from '../config/model.js';
import { CATALOG } from '../conventions.js';

/** One process of the fleet. */
export interface PlannedExporter {
  /** Unique; the name of the source, or that of the catalogue. */
  readonly source: string;
  readonly kind: string;
  readonly title: string;
  readonly team: string | undefined;
  readonly env: string;
  readonly port: number;
}

/** The catalogue first, then the sources in the order of the YAML. @param ports of all of them, by name */
export function planExporters(config: Config, ports: ReadonlyMap<string, number>): PlannedExporter[] {
  const portOf = (source: string): number => {
    const port = ports.get(source);
    if (port === undefined) throw new Error(`no port was assigned to ${source}`);
    return port;
  };
  const catalog = {
    source: CATALOG,
    kind: CATALOG,
    title: 'Intentions from the YAML',
    team: undefined,
    env: config.environment,
    port: portOf(CATALOG),
  };
  const sources = config.sources.map(({ name, kind, title, team, env }) => ({
    source: name,
    kind,
    title: title ?? name,
    team,
    env,
    port: portOf(name),
  }));
  return [catalog, ...sources];
}

export interface Changes {
  readonly stop: readonly string[];
  /** New ones. */
  readonly start: readonly PlannedExporter[];
  /** Those whose kind or port is another one: a process cannot change either. */
  readonly restart: readonly PlannedExporter[];
  /** All others take over the changed YAML in place. */
  readonly reload: readonly string[];
}

export function changesBetween(before: readonly PlannedExporter[], after: readonly PlannedExporter[]): Changes {
  const known = new Map(before.map((exporter) => [exporter.source, exporter]));
  const wanted = new Set(after.map(({ source }) => source));
  const staying = after.filter(({ source }) => known.has(source));
  const isSameProcess = ({ source, kind, port }: PlannedExporter): boolean => {
    const old = known.get(source);
    return old?.kind === kind && old.port === port;
  };
  return {
    stop: before.map(({ source }) => source).filter((source) => !wanted.has(source)),
    start: after.filter(({ source }) => !known.has(source)),
    restart: staying.filter((exporter) => !isSameProcess(exporter)),
    reload: staying.filter(isSameProcess).map(({ source }) => source),
  };
}
