// The exporters on the page: what each is doing, and why one is not up.

import { hostPort } from '../../web/address.js';
import { html, type Html } from '../../web/html.js';
import { stateBadge } from '../../web/page.js';
import type { ExporterState, ExporterView } from '../exporters.js';
import { ago, grouped } from './words.js';

const STATES: Readonly<Record<ExporterState, { badge: 'up' | 'down' | 'waiting'; word: string }>> = {
  up: { badge: 'up', word: 'up' },
  starting: { badge: 'waiting', word: '… starting' },
  failing: { badge: 'down', word: '✕ failing' },
  unresponsive: { badge: 'down', word: '✕ no answer' },
  down: { badge: 'down', word: '✕ down' },
  'crash-loop': { badge: 'down', word: '✕ crash loop' },
};

/** @param host under which the reader reaches the exporters */
export function renderExporters(exporters: readonly ExporterView[], configSha: string, host: string, now: number): Html {
  return html`<section aria-labelledby="exporters-heading">
    <h2 id="exporters-heading">Exporters</h2>
    <div class="scroll">
      <table class="stacking" role="table">
        <thead role="rowgroup">
          <tr role="row">
            ${['Exporter', 'Kind', 'State'].map((name) => html`<th role="columnheader">${name}</th>`)}
            ${['Since', 'Restarts', 'Series'].map((name) => html`<th role="columnheader" class="number">${name}</th>`)}
            <th role="columnheader">Links</th>
          </tr>
        </thead>
        <tbody role="rowgroup" data-list>
          ${exporters.map((exporter) => renderExporter(exporter, configSha, `http://${hostPort(host, exporter.port)}`, now))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function renderExporter(exporter: ExporterView, configSha: string, url: string, now: number): Html {
  const { source, title, kind, state, since, restarts, status } = exporter;
  const { badge, word } = STATES[state];
  return html`<tr role="row" data-key="${source}">
    <td role="cell"><a href="${url}/">${source}</a><br /><span class="quiet">${title}</span></td>
    <td role="cell" data-label="Kind">${kind}</td>
    <td role="cell" class="wide">${stateBadge(badge, word)} ${renderReasons(exporter, configSha, now)}</td>
    <td role="cell" data-label="Since" class="number">${ago(since, now)}</td>
    <td role="cell" data-label="Restarts" class="number">${grouped(restarts)}</td>
    <td role="cell" data-label="Series" class="number">${status ? grouped(status.series) : '–'}</td>
    <td role="cell">
      <a href="${url}/metrics" aria-label="Metrics of ${source}">metrics</a>
      ${status?.probes && html`<a href="${url}/probes" aria-label="Probes of ${source}">probes</a>`}
    </td>
  </tr>`;
}

function renderReasons({ problem, state, lastEnd, refusedReload, status }: ExporterView, configSha: string, now: number): Html {
  const isBehind = status !== undefined && status.configSha !== configSha;
  return html`
    ${problem !== undefined && state !== 'starting' && html`<p class="message">${problem}</p>`}
    ${refusedReload !== undefined && html`<p class="message">✕ kept its configuration: ${refusedReload}</p>`}
    ${isBehind && html`<p class="message">▲ runs on configuration ${status.configSha}</p>`}
    ${status && status.seriesDropped > 0 && html`<p class="message">▲ ${grouped(status.seriesDropped)} series dropped</p>`}
    ${
      lastEnd &&
      html`<details data-key="end">
        <summary class="quiet">
          ${state === 'down' || state === 'crash-loop' ? 'its last lines' : `ended ${ago(lastEnd.at, now)}: ${lastEnd.reason}`}
        </summary>
        <pre class="message" tabindex="0">${lastEnd.lines.length > 0 ? lastEnd.lines.join('\n') : 'It wrote nothing before.'}</pre>
      </details>`
    }
  `;
}
