// The landing page of an exporter: what it watches, how it fares, what went wrong last.

import { formatDuration } from '../domain/duration.js';
import { html, type Html } from '../web/html.js';
import { renderPage, stateBadge, type RenderedPage } from '../web/page.js';
import type { CollectorStatus, ExporterStatus, RunStatus } from './status.js';
import { time } from './time.js';

const REFRESH_SECONDS = 10;

/** Errors get the room that short columns leave. */
const STYLE = 'time { white-space: nowrap; } th:last-child { width: 70%; } td .message { min-width: 18rem; }';

export function landingPage(status: ExporterStatus, now: number): RenderedPage {
  return renderPage({
    title: status.title,
    beside: sourceBadge(status),
    navigation: [
      { href: '/metrics', text: 'Metrics' },
      ...(status.probes ? [{ href: '/probes', text: 'Probes' }] : []),
      { href: '/status', text: 'Status as JSON' },
      { href: '/-/healthy', text: 'Healthy?' },
      { href: '/-/ready', text: 'Ready?' },
    ],
    // Those that fail come first: there may be hundreds.
    body: [
      summary(status),
      warnings(status),
      undeclared(status),
      ...status.collectors.toSorted(failingFirst).map((one) => collectorSection(one, now)),
    ],
    style: STYLE,
    footer: html`Vigie ${status.version} · process ${status.pid} · configuration ${status.configSha}`,
    refreshSeconds: REFRESH_SECONDS,
  });
}

function failingFirst(one: CollectorStatus, other: CollectorStatus): number {
  return Number(one.up) - Number(other.up);
}

function sourceBadge({ up, ready }: ExporterStatus): Html {
  if (up) return stateBadge('up', 'up');
  return ready ? stateBadge('down', 'down') : stateBadge('waiting', 'starting');
}

function summary(status: ExporterStatus): Html {
  const { source, kind, env, startedAt, series, seriesDropped, reload } = status;
  return html`<section class="card">
    <dl>
      <dt>Source</dt>
      <dd>${source}</dd>
      <dt>Kind</dt>
      <dd>${kind}</dd>
      <dt>Environment</dt>
      <dd>${env}</dd>
      <dt>Running since</dt>
      <dd>${time(startedAt)}</dd>
      <dt>Series</dt>
      <dd>
        ${series}${seriesDropped > 0 && html` <strong>and ${seriesDropped} left out: see the errors below, or raise max_series</strong>`}
      </dd>
      <dt>Configuration</dt>
      <dd>
        ${stateBadge(reload.successful ? 'up' : 'down', reload.successful ? 'loaded' : 'not loaded')} ${time(reload.at)}
        ${reload.message !== undefined && html`<p class="message">${reload.message}</p>`}
      </dd>
    </dl>
  </section>`;
}

function collectorSection(collector: CollectorStatus, now: number): Html {
  const { name, intervalMs, maxStalenessMs, lastSuccessAt, nextRunAt, failingSince, consecutiveFailures, runs } = collector;
  return html`<h2>${name} ${collectorBadge(collector)}</h2>
    <p class="quiet">
      Every ${formatDuration(intervalMs)}; gauges are withdrawn after ${formatDuration(maxStalenessMs)} without success. Last success:
      ${lastSuccessAt === null ? 'never' : time(lastSuccessAt)}.
      ${nextRunAt === null ? 'Looking now.' : `Next look in ${formatDuration(Math.ceil(Math.max(0, nextRunAt - now) / 1000) * 1000)}.`}
      ${failingSince !== null && html`Failing since ${time(failingSince)}, ${consecutiveFailures}× in a row.`}
    </p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Run</th>
            <th class="number">Took</th>
            <th>Result</th>
          </tr>
        </thead>
        <tbody>
          ${
            runs.length === 0 &&
            html`<tr>
              <td colspan="3" class="quiet">not yet</td>
            </tr>`
          }${runs.map(runRow)}
        </tbody>
      </table>
    </div>`;
}

function collectorBadge({ up, stale, runs }: CollectorStatus): Html {
  if (up) return stateBadge('up', 'up');
  if (runs.length === 0) return stateBadge('waiting', 'starting');
  return stateBadge('down', stale ? 'down, values withdrawn' : 'down');
}

function runRow({ at, durationMs, error }: RunStatus): Html {
  const result = error ? html`<p class="message">${error.phase}, ${error.class}: ${error.message}</p>` : 'ok';
  return html`<tr>
    <td>${time(at)}</td>
    <td class="number">${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)} ms</td>
    <td>${result}</td>
  </tr>`;
}

function warnings({ warnings: texts }: ExporterStatus): Html | false {
  if (texts.length === 0) return false;
  return html`<h2>To mend</h2>
    <ul>
      ${texts.map((text) => html`<li>${text}</li>`)}
    </ul>`;
}

function undeclared({ undeclared: values }: ExporterStatus): Html | false {
  if (values.length === 0) return false;
  return html`<h2>Seen, but not declared in the YAML</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>What</th>
            <th>Value</th>
            <th>Times</th>
          </tr>
        </thead>
        <tbody>
          ${values.map(
            ({ label, value, count }) =>
              html`<tr>
                <td>${label}</td>
                <td>${value}</td>
                <td>${count}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}
