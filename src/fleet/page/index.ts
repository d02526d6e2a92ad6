// The landing page of the fleet: the flows with what is seen of them now, then the exporters and the endpoints.

import { html, type Html } from '../../web/html.js';
import { renderPage, type RenderedPage } from '../../web/page.js';
import type { EndpointView } from '../endpoints.js';
import type { ExporterView } from '../exporters.js';
import type { FleetView, ReloadResult } from '../view.js';
import { renderEndpoints } from './endpoints.js';
import { renderExporters } from './exporters.js';
import { renderFlows } from './flows.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';
import { ago, count, timestamp } from './words.js';

const REFRESH_SECONDS = 5;

export interface PageContext {
  /** Under which the reader reaches the exporters. */
  readonly host: string;
  /** What the flows are filtered by; empty for all. */
  readonly query: string;
}

export function renderFleetPage(view: FleetView, { host, query }: PageContext): RenderedPage {
  const { at, exporters, flows, endpoints, reload } = view;
  return renderPage({
    title: 'Fleet',
    beside: [renderState(exporters), renderEndpointsDown(endpoints)],
    navigation: [
      { href: '/sd', text: 'Service discovery' },
      { href: '/metrics', text: 'Metrics' },
      { href: '/status.json', text: 'JSON' },
    ],
    body: html`<p id="lost" class="down" role="alert"></p>
      ${renderReload(reload, at)} ${renderFlows(flows, query, at)} ${renderExporters(exporters, view.configSha, host, at)}
      ${renderEndpoints(endpoints, at)}`,
    footer: html`Vigie ${view.version}, running for ${ago(view.startedAt, at).replace(' ago', '')}. Configuration ${view.configSha} from
      ${view.configFile}, ${reload.successful ? 'loaded' : 'last attempt to load it'} ${ago(reload.at, at)}. As of
      <time>${timestamp(at)}</time>.`,
    style: STYLE,
    script: SCRIPT,
    refreshSeconds: REFRESH_SECONDS,
    hasForm: true,
  });
}

/** Calm when all is well; else how many are not, and which one. */
function renderState(exporters: readonly ExporterView[]): Html {
  const up = exporters.filter(({ state }) => state === 'up').length;
  const wrong = exporters.filter(({ state }) => state !== 'up' && state !== 'starting');
  const text = `${up} of ${count(exporters.length, 'exporter')} up`;
  if (wrong.length > 0) {
    return html`<span class="state down" role="status">✕ ${text}; in trouble: ${firstOf(wrong.map(({ source }) => source))}</span>`;
  }
  if (up < exporters.length) return html`<span class="state waiting" role="status">… ${text}</span>`;
  return html`<span class="state up" role="status">✓ ${text}</span>`;
}

/** Its partner may be the one in trouble: that must be seen without scrolling. */
function renderEndpointsDown(endpoints: readonly EndpointView[]): Html | undefined {
  const down = endpoints.filter(({ up }) => up === false);
  if (down.length === 0) return undefined;
  return html`<span class="state down" role="status"
    >✕ ${count(down.length, 'endpoint')} down: ${firstOf(down.map(({ endpoint }) => endpoint))}</span
  >`;
}

/** The first three names. */
function firstOf(names: readonly string[]): string {
  return names.slice(0, 3).join(', ') + (names.length > 3 ? ' …' : '');
}

/** A failure is shown whole; warnings are folded away, since they may stay for long. */
function renderReload({ successful, messages, at }: ReloadResult, now: number): Html | undefined {
  if (messages.length === 0) return undefined;
  const list = html`<ul>
    ${messages.map((message) => html`<li class="message">${message}</li>`)}
  </ul>`;
  if (successful) {
    return html`<details class="notice waiting" data-key="warnings">
      <summary>▲ The configuration was loaded with ${count(messages.length, 'warning')}</summary>
      ${list}
    </details>`;
  }
  return html`<section class="notice down" aria-label="Last reload">
    <strong>✕ The last reload failed</strong> (${ago(at, now)}) ${list}
  </section>`;
}
