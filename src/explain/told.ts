// What Prometheus says of a flow: the alerts that it tells of it now, and those it told in the past days.

import type { Labels } from '../domain/observation.js';
import type { Prometheus } from '../prometheus/client.js';

/** An alert at a moment. */
export interface ToldNow {
  readonly labels: Labels;
  readonly state: string;
  /** Since when it holds, in milliseconds since the Unix epoch; undefined where that is not known. */
  readonly since: number | undefined;
}

/** An alert over some days, each of its severities and places for itself. */
export interface ToldBefore {
  readonly labels: Labels;
  /** How often it began to fire. */
  readonly times: number;
  /** How long it fired in all. */
  readonly duration: number;
  /** When it fired last. */
  readonly last: number;
}

export interface Question {
  readonly flow: string;
  readonly env: string;
  /** What the flow depends on. */
  readonly endpoints: readonly string[];
}

export interface Past {
  readonly alerts: readonly ToldBefore[];
  /** Milliseconds from one look to the next: what was shorter may be missed. */
  readonly step: number;
}

/** Prometheus gives at most 11000 points of a series. */
const MOST_POINTS = 10_000;
const SHORTEST_STEP_MS = 60_000;

/** Of the flow itself, and of the endpoints that it depends on. */
function selector({ flow, env, endpoints }: Question, name: string, state: string): string {
  const own = `${name}{flow=${quote(flow)}, env=${quote(env)}${state}}`;
  if (endpoints.length === 0) return own;
  const names = endpoints.map((endpoint) => endpoint.replaceAll(/[.\\+*?()|[\]{}^$]/g, String.raw`\$&`)).join('|');
  return `${own} or ${name}{alertname="VigieEndpointDown", endpoint=~${quote(names)}, env=${quote(env)}${state}}`;
}

/** @throws PrometheusError */
export async function toldNow(prometheus: Pick<Prometheus, 'query'>, question: Question, at: number): Promise<ToldNow[]> {
  const [alerts, since] = await Promise.all([
    prometheus.query(selector(question, 'ALERTS', ''), at),
    prometheus.query(selector(question, 'ALERTS_FOR_STATE', ''), at),
  ]);
  const begun = new Map(since.map(({ labels, value }) => [identity(labels), value * 1000]));
  return alerts
    .map(({ labels }) => ({ labels, state: labels['alertstate'] ?? '', since: begun.get(identity(labels)) }))
    .toSorted((a, b) => rank(a.state) - rank(b.state) || identity(a.labels).localeCompare(identity(b.labels)));
}

/** Not evaluated anew: what Prometheus has recorded of its alerts, as far as it remembers. @throws PrometheusError */
export async function toldBefore(prometheus: Pick<Prometheus, 'queryRange'>, question: Question, from: number, to: number): Promise<Past> {
  const step = Math.max(SHORTEST_STEP_MS, Math.ceil((to - from) / MOST_POINTS));
  const series = await prometheus.queryRange(selector(question, 'ALERTS', ', alertstate="firing"'), { from, to, step });
  const alerts = series
    .map(({ labels, points }) => {
      const times = points.filter(({ epochMs }, index) => epochMs - (points[index - 1]?.epochMs ?? -Infinity) > step * 1.5).length;
      return { labels, times, duration: points.length * step, last: points.at(-1)?.epochMs ?? from };
    })
    .toSorted((a, b) => identity(a.labels).localeCompare(identity(b.labels)));
  return { alerts, step };
}

function rank(state: string): number {
  return state === 'firing' ? 0 : 1;
}

/** What tells one alert from another, whatever its state. */
function identity(labels: Labels): string {
  const { __name__: _name, alertstate: _state, ...rest } = labels;
  return JSON.stringify(Object.entries(rest).toSorted(([a], [b]) => a.localeCompare(b)));
}

function quote(text: string): string {
  return JSON.stringify(text);
}
