// The databases of a source: the one of `connection`, or each of `targets`.

import type { Target } from './places.js';
import type { ConnectionSettings, SqlOptions } from './schema.js';

export interface SqlTarget {
  /** Undefined where the source has one database only. */
  readonly name: string | undefined;
  readonly connection: ConnectionSettings;
  readonly labels: Readonly<Record<string, string>>;
}

/** Settings of a target win over those of the source. */
export function targetsOf({ connection = {}, targets }: SqlOptions): SqlTarget[] {
  if (!targets) return [{ name: undefined, connection, labels: {} }];
  return Object.entries(targets).map(([name, target]) => ({
    name,
    connection: { ...connection, ...target.connection },
    labels: target.labels ?? {},
  }));
}

/** All labels that targets of the source name; undefined where it has one database only. */
export function targetLabels({ targets }: SqlOptions): string[] | undefined {
  return targets && [...new Set(Object.values(targets).flatMap(({ labels = {} }) => Object.keys(labels)))];
}

/** As its rows bear it. */
export function asTarget({ name, labels }: SqlTarget): Target | undefined {
  return name === undefined ? undefined : { name, labels };
}

/** `waiting`, or `lausanne/waiting` where the source has several databases. */
export function collectorName(target: string | undefined, part: string): string {
  return target === undefined ? part : `${target}/${part}`;
}
