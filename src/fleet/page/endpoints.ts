// The endpoints on the page: whether each answers, how fast, and how long its certificate holds.

import { html, type Html } from '../../web/html.js';
import { stateBadge } from '../../web/page.js';
import type { EndpointView } from '../endpoints.js';
import { seconds } from './words.js';

const DAY_MS = 86_400_000;
/** Certificates are renewed a month ahead as a rule. */
const SOON_DAYS = 30;

export function renderEndpoints(endpoints: readonly EndpointView[], now: number): Html | undefined {
  if (endpoints.length === 0) return undefined;
  return html`<section aria-labelledby="endpoints-heading">
    <h2 id="endpoints-heading">Endpoints</h2>
    <div class="scroll">
      <table class="stacking" role="table">
        <thead role="rowgroup">
          <tr role="row">
            ${['Endpoint', 'Partner', 'State'].map((name) => html`<th role="columnheader">${name}</th>`)}
            ${['Duration', 'HTTP', 'Certificate'].map((name) => html`<th role="columnheader" class="number">${name}</th>`)}
          </tr>
        </thead>
        <tbody role="rowgroup" data-list>
          ${endpoints.map((endpoint) => renderEndpoint(endpoint, now))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function renderEndpoint(
  { source, endpoint, partner, env, protocol, up, reason, duration, code, certificateExpiresAt }: EndpointView,
  now: number,
): Html {
  return html`<tr role="row" data-key="${source} ${endpoint} ${partner} ${env} ${protocol}">
    <td role="cell">${endpoint} <span class="quiet">${protocol}</span></td>
    <td role="cell" data-label="Partner">${partner || '–'}</td>
    <td role="cell" class="wide">
      ${up === undefined ? html`<span class="wrong">✕ no data, because ${source}: ${reason}</span>` : stateBadge(up ? 'up' : 'down', up ? 'up' : '✕ down')}
      ${up === false && html`<span class="message">${reason}</span>`}
    </td>
    <td role="cell" data-label="Duration" class="number">${duration === undefined ? '–' : seconds(duration)}</td>
    <td role="cell" data-label="HTTP" class="number">${code ?? '–'}</td>
    <td role="cell" data-label="Certificate" class="number">${renderCertificate(certificateExpiresAt, now)}</td>
  </tr>`;
}

function renderCertificate(expiresAt: number | undefined, now: number): Html {
  if (expiresAt === undefined) return html`–`;
  const days = Math.floor((expiresAt - now) / DAY_MS);
  if (days < 0) return html`<span class="wrong">✕ expired</span>`;
  const text = `${days}\u00a0d left`;
  return days < SOON_DAYS ? html`<span class="doubtful">▲ ${text}</span>` : html`${text}`;
}
