// The pages of probes: all that the source probes with how it fares, and the transcripts of each.

import { html, type Html } from '../web/html.js';
import { renderPage, stateBadge, type RenderedPage } from '../web/page.js';
import type { Journal, Transcript } from '../sources/kind.js';
import { isUp, milliseconds } from './probes.js';
import { time } from './time.js';

/** Transcripts of more endpoints than this make a page that nobody reads: each has a page of its own. */
const SHOWN_WHOLE = 50;

const STYLE = `
td form, h2 form { display: inline; } button, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; padding: .15rem .6rem; } button { cursor: pointer; white-space: nowrap; }
[role=search] { margin-bottom: .75rem; } [id$='-failed'] h3 { margin-top: 1.25rem; } button:hover { border-color: var(--link); }
details { border-top: 1px solid var(--line); padding: .4rem 0; } details:first-of-type { border-top: 0; } summary { cursor: pointer; }
summary .message { display: inline; } pre.message { margin: .4rem 0 .2rem 1rem; } h3 { font-size: .95rem; margin: .75rem 0 .25rem; }
h3:first-child { margin-top: 0; } td .message { min-width: 14rem; } time { white-space: nowrap; }`;

export interface ProbesPage {
  readonly title: string;
  readonly journals: readonly Journal[];
  /** Only those whose name, address or last failure holds this text. */
  readonly query: string;
}

/** All of them; those that are down come first. */
export function probesPage({ title, journals, query }: ProbesPage): RenderedPage {
  const wanted = journals.filter((journal) => holds(journal, query)).toSorted((a, b) => rank(a) - rank(b));
  const whole = wanted.slice(0, SHOWN_WHOLE);
  const down = journals.filter((journal) => isUp(journal) === false).length;
  return renderPage({
    title: `Probes: ${title}`,
    beside: down > 0 ? stateBadge('down', `✕ ${down} of ${journals.length} down`) : stateBadge('up', `✓ ${journals.length} watched`),
    navigation: [
      { href: '/', text: 'Exporter' },
      { href: '/metrics', text: 'Metrics' },
    ],
    body: html`${renderFilter(query, wanted.length, journals.length)} ${renderOverview(wanted, whole)}
    ${whole.map((journal) => renderSection(journal))}
    ${
      wanted.length > whole.length &&
      html`<p class="quiet">Transcripts of ${wanted.length - whole.length} more: each has a page of its own, behind its name.</p>`
    }`,
    style: STYLE,
    hasForm: true,
  });
}

/** One endpoint, with all that is kept of it. */
export function probePage(title: string, journal: Journal): RenderedPage {
  return renderPage({
    title: journal.collector,
    beside: [renderState(journal), renderButton(journal.collector)],
    navigation: [
      { href: '/probes', text: `Probes of ${title}` },
      { href: '/', text: 'Exporter' },
    ],
    body: html`<p class="quiet">${journal.address}</p>
      <section class="card">${renderTranscripts(journal)}</section>`,
    style: STYLE,
    hasForm: true,
  });
}

function holds({ collector, address, last: [newest] }: Journal, query: string): boolean {
  const wanted = query.trim().toLowerCase();
  return [collector, address, newest?.failure ?? ''].some((text) => text.toLowerCase().includes(wanted));
}

/** Down, failing but not confirmed, not known yet, up. */
function rank(journal: Journal): number {
  const up = isUp(journal);
  const [newest] = journal.last;
  if (up === false) return 0;
  if (newest?.failure !== undefined) return 1;
  return up === undefined ? 2 : 3;
}

function renderFilter(query: string, shown: number, all: number): Html {
  return html`<form method="get" action="/probes" role="search">
    <label>Filter <input type="search" name="q" value="${query}" placeholder="name, address or reason" /></label>
    <button>Show</button> <span class="quiet">${shown === all ? `${all} probes` : `${shown} of ${all} probes`}</span>
  </form>`;
}

function renderOverview(journals: readonly Journal[], whole: readonly Journal[]): Html {
  const anchored = new Set(whole);
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>Probe</th>
          <th>State</th>
          <th>Last result</th>
          <th class="number">Took</th>
          <th>Probed</th>
          <th></th>
        </tr>
      </thead>
      <tbody>
        ${journals.map((journal) => renderRow(journal, anchored.has(journal)))}
      </tbody>
    </table>
  </div>`;
}

function renderRow(journal: Journal, isOnPage: boolean): Html {
  const { collector, address, last } = journal;
  const [newest] = last;
  return html`<tr>
    <td><a href="${isOnPage ? `#${anchor(collector)}` : pathOf(collector)}">${collector}</a><br /><span class="quiet">${address}</span></td>
    <td>${renderState(journal)}</td>
    <td>${newest ? html`<span class="message">${newest.failure ?? 'ok'}</span>` : html`<span class="quiet">not yet</span>`}</td>
    <td class="number">${newest ? milliseconds(newest.durationMs) : '–'}</td>
    <td>${newest && time(newest.at)}</td>
    <td>${renderButton(collector)}</td>
  </tr>`;
}

function renderSection(journal: Journal): Html {
  const { collector } = journal;
  return html`<section id="${anchor(collector)}" aria-label="${collector}">
    <h2><a href="${pathOf(collector)}">${collector}</a> ${renderState(journal)}</h2>
    <div class="card">${renderTranscripts(journal)}</div>
  </section>`;
}

function renderTranscripts({ collector, last, failed }: Journal): Html {
  if (last.length === 0) return html`<p class="quiet">It has not been probed yet.</p>`;
  return html`<div id="${anchor(collector)}-last">
      <h3>Last probes</h3>
      ${last.map((transcript, index) => renderTranscript(transcript, index === 0))}
    </div>
    <div id="${anchor(collector)}-failed">
      <h3>Last failures</h3>
      ${failed.length === 0 && html`<p class="quiet">None since this exporter started.</p>`}
      ${failed.map((transcript, index) => renderTranscript(transcript, index === 0 && transcript !== last[0]))}
    </div>`;
}

function renderTranscript({ at, durationMs, failure, lines }: Transcript, isOpen: boolean): Html {
  const text = lines.map((line) => `${milliseconds(line.afterMs).padStart(9)}  ${line.text}`).join('\n');
  const summary = html`${time(at)} <span class="message">${failure === undefined ? '✓ ok' : `✕ ${failure}`}</span>
    <span class="quiet">${milliseconds(durationMs)}</span>`;
  const body = html`<pre class="message" tabindex="0">${text === '' ? 'It says no more.' : text}</pre>`;
  return isOpen
    ? html`<details open>
        <summary>${summary}</summary>
        ${body}
      </details>`
    : html`<details>
        <summary>${summary}</summary>
        ${body}
      </details>`;
}

function renderState(journal: Journal): Html {
  const up = isUp(journal);
  const [newest] = journal.last;
  if (up === undefined) return newest ? stateBadge('waiting', '? unknown') : stateBadge('waiting', '… waiting');
  if (!up) return stateBadge('down', '✕ down');
  return newest?.failure === undefined ? stateBadge('up', '✓ up') : stateBadge('waiting', '▲ up, last probe failed');
}

function renderButton(collector: string): Html {
  return html`<form method="post" action="${pathOf(collector)}">
    <button aria-label="Probe ${collector} now">Probe now</button>
  </form>`;
}

function pathOf(collector: string): string {
  return `/probes/${encodeURIComponent(collector)}`;
}

function anchor(collector: string): string {
  return `probe-${collector}`;
}
