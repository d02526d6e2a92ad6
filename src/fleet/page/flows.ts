// The flows on the page: each with its stages in the order in which a message passes them.

import { html, type Html } from '../../web/html.js';
import { stateBadge } from '../../web/page.js';
import type { FlowView, Gap, StageView } from '../flows.js';
import type { Reading } from '../readings.js';
import { ago, count, grouped, perMinute, span } from './words.js';

/** With so many flows or fewer, all of them are unfolded; with more, those in trouble are. */
const UNFOLDED_FLOWS = 12;
/** More are found by the filter: the page stays short, whatever the YAML holds. */
const SHOWN_FLOWS = 100;
/** Side by side, more stages would leave none of them room. */
const STAGES_IN_A_ROW = 7;

const DIRECTIONS = { inbound: '↙ inbound', outbound: '↗ outbound', internal: '↻ internal' } as const;

/** @param query words that a flow must hold, in its name, title, team, environment or partners */
export function renderFlows(flows: readonly FlowView[], query: string, now: number): Html {
  const found = inOrder(flows.filter((flow) => matches(flow, query)));
  const shown = found.slice(0, SHOWN_FLOWS);
  const unfolded = shown.length <= UNFOLDED_FLOWS;
  const severalEnvironments = new Set(flows.map(({ env }) => env)).size > 1;
  return html`<section aria-labelledby="flows-heading">
    <div class="heading">
      <h2 id="flows-heading">Flows</h2>
      ${flows.length > UNFOLDED_FLOWS && renderFilter(query, found.length, flows.length)}
    </div>
    <div class="flows" data-list>${shown.map((flow) => renderFlow(flow, unfolded, severalEnvironments, now))}</div>
    ${flows.length === 0 && html`<p class="quiet">The YAML declares no flow yet.</p>`}
    ${found.length > shown.length && html`<p class="quiet">${count(found.length - shown.length, 'more flow')}: filter to see them.</p>`}
  </section>`;
}

function renderFilter(query: string, found: number, all: number): Html {
  const result = query === '' ? count(all, 'flow') : `${found} of ${count(all, 'flow')}`;
  return html`<form role="search" method="get" action="/">
    <label for="filter" class="quiet">Filter</label>
    <input id="filter" name="q" type="search" value="${query}" placeholder="name, team, partner" autocomplete="off" />
    <span class="quiet">${result}</span>
  </form>`;
}

/** Those in trouble come first where there are too many to see at once; otherwise the order of the YAML stays. */
function inOrder(flows: readonly FlowView[]): readonly FlowView[] {
  if (flows.length <= UNFOLDED_FLOWS) return flows;
  return flows.toSorted((a, b) => rank(a) - rank(b));
}

function rank({ trouble }: FlowView): number {
  if (trouble === undefined) return 2;
  return trouble === 'critical' ? 0 : 1;
}

function matches({ name, title, team, env, partners }: FlowView, query: string): boolean {
  const text = [name, title, team, env, ...partners].join('\n').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function renderFlow(flow: FlowView, unfolded: boolean, withEnvironment: boolean, now: number): Html {
  const open = unfolded || flow.trouble !== undefined;
  return html`<details class="card flow" data-key="${flow.name} ${flow.env}" data-open="${open ? 'yes' : 'no'}" ${open && OPEN}>
    <summary>
      <h3>${flow.title} <span class="quiet">${flow.name}</span></h3>
      <span class="about quiet">
        ${withEnvironment && html`<span>${flow.env}</span>`}
        <span>${DIRECTIONS[flow.direction]}</span>
        <span>${flow.team}</span>
        <span>${flow.criticality} criticality</span>
        <span>${openingHours(flow, now)}</span>
      </span>
      <span class="sum quiet">${renderSum(flow)}</span>
      ${renderTrouble(flow)}
    </summary>
    <ol class="${flow.stages.length > STAGES_IN_A_ROW ? 'pipeline long' : 'pipeline'}">
      ${flow.stages.map((stage) => renderStage(stage, now))}
    </ol>
    ${renderPartners(flow, now)}
  </details>`;
}

const OPEN = html`open`;

/** What is left of a folded flow: how much enters, how much leaves, how much waits. */
function renderSum({ stages }: FlowView): string {
  const first = stages[0]?.total.perMinute;
  const last = stages.at(-1)?.total.perMinute;
  const waiting = stages.reduce((total, { total: { backlog } }) => total + (backlog ?? 0), 0);
  return [
    first !== undefined && `in ${perMinute(first)}/min`,
    last !== undefined && `out ${perMinute(last)}/min`,
    waiting > 0 && `${grouped(waiting)} waiting`,
  ]
    .filter((part) => part !== false)
    .join(' · ');
}

function openingHours({ open, nextChangeAt }: FlowView, now: number): string {
  if (open === undefined) return 'opening hours unknown';
  if (nextChangeAt === undefined) return open ? 'always open' : 'closed';
  return open ? `open, closes in ${span(nextChangeAt - now)}` : `closed, opens in ${span(nextChangeAt - now)}`;
}

function renderTrouble({ stages, trouble }: FlowView): Html | undefined {
  if (trouble === undefined) return undefined;
  const [gap] = stages.flatMap(({ gaps }) => gaps.filter(({ starting }) => !starting));
  if (gap) return stateBadge('down', `✕ no ${missing(gap)} from ${gap.source}`);
  const crossing = stages.find(({ crossed }) => crossed?.severity === trouble);
  if (crossing) return stateBadge(trouble === 'critical' ? 'down' : 'waiting', `▲ backlog at ${crossing.name}`);
  const failing = stages.find(({ total }) => (total.errorsPerMinute ?? 0) > 0);
  return failing && stateBadge('waiting', `▲ errors at ${failing.name}`);
}

function renderStage(stage: StageView, now: number): Html {
  const { name, total, gaps, unwatched, counted } = stage;
  if (total.messages === undefined && total.backlog === undefined && (gaps.length > 0 || unwatched)) {
    return html`<li class="stage">
      <h4>${name}</h4>
      <div class="nothing">${unwatched ? html`<p class="quiet">not watched</p>` : gaps.map(renderGap)}</div>
    </li>`;
  }
  return html`<li class="stage">
    <h4>${name}</h4>
    <p class="messages">
      ${total.messages !== undefined && html`<b>${grouped(total.messages)}</b>`}
      ${total.messages === undefined && html`<span class="quiet">${counted ? '–' : 'not counted'}</span>`}
      ${total.perMinute !== undefined && html`<span>${perMinute(total.perMinute)}/min</span>`}
    </p>
    <p class="quiet">${lastMessage(total, now)}</p>
    <p>${renderBacklog(stage, now)}</p>
    <p>${renderFailures(total)}</p>
    ${gaps.map(renderGap)}
  </li>`;
}

function renderGap(gap: Gap): Html {
  const { source, because, starting } = gap;
  return html`<p class="${starting ? 'gap quiet' : 'gap wrong'}">${!starting && '✕ '}no ${missing(gap)}, because ${source}: ${because}</p>`;
}

function missing(gap: Gap): string {
  return gap.missing.length === 0 ? 'data' : gap.missing.join(', ');
}

function lastMessage({ lastMessageAt }: Reading, now: number): string | undefined {
  if (lastMessageAt === undefined) return undefined;
  return lastMessageAt === 0 ? 'none yet' : `last ${ago(lastMessageAt, now)}`;
}

function renderBacklog({ total, crossed, partners }: StageView, now: number): Html | undefined {
  const { backlog, oldestAt } = total;
  if (backlog === undefined) return undefined;
  const oldest = backlog > 0 && oldestAt !== undefined && oldestAt > 0 && html`<span class="quiet">, oldest ${span(now - oldestAt)}</span>`;
  if (!crossed) return html`<span class="${backlog === 0 ? 'quiet' : ''}">${grouped(backlog)} waiting</span>${oldest}`;
  const who = partners.find((partner) => partner.crossed === crossed)?.partner;
  const colour = crossed.severity === 'critical' ? 'wrong' : 'doubtful';
  return html`<span class="${colour}">▲ ${grouped(backlog)} waiting</span>${oldest}<br /><span class="quiet"
      >${who} is ${crossed.side} its bound of ${grouped(crossed.value)}</span
    >`;
}

function renderFailures({ errors, rejected, errorsPerMinute, rejectedPerMinute = 0 }: Reading): Html | undefined {
  if (!errors && !rejected) return undefined;
  const fresh = (errorsPerMinute ?? 0) > 0;
  const failed = errors ? html`<span class="${fresh ? 'doubtful' : 'quiet'}">${fresh && '▲ '}${count(errors, 'error')}</span>` : undefined;
  const rate = rejectedPerMinute > 0 && `, ${perMinute(rejectedPerMinute)}/min`;
  const refused = rejected ? html`<span class="quiet">${grouped(rejected)} rejected${rate}</span>` : undefined;
  return html`${failed}${failed && refused && ' · '}${refused}`;
}

function renderPartners(flow: FlowView, now: number): Html {
  return html`<div class="under">
    <details data-key="partners">
      <summary>${count(flow.partners.length, 'partner')}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="${flow.title} by partner">
        <table>
          <thead>
            <tr>
              <th scope="col">Partner</th>
              ${flow.stages.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${flow.partners.map(
              (partner) =>
                html`<tr>
                  <th scope="row">${partner}</th>
                  ${flow.stages.map((stage) => renderCell(stage, partner, now))}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
    ${flow.runbook !== undefined && html`<a href="${flow.runbook}" rel="noreferrer">Runbook</a>`}
  </div>`;
}

function renderCell({ partners }: StageView, partner: string, now: number): Html {
  const view = partners.find((one) => one.partner === partner);
  const { messages, perMinute: rate, lastMessageAt, backlog, oldestAt } = view?.reading ?? {};
  const waiting =
    backlog !== undefined && backlog > 0 && `${grouped(backlog)} waiting${oldestAt ? `, oldest ${span(now - oldestAt)}` : ''}`;
  const severity = view?.crossed?.severity;
  return html`<td class="number">
    ${messages === undefined ? html`<span class="quiet">–</span>` : grouped(messages)}
    <br /><span class="quiet"
      >${rate !== undefined && `${perMinute(rate)}/min`}${rate !== undefined && !!lastMessageAt && ' · '}${!!lastMessageAt && ago(lastMessageAt, now)}</span
    >
    ${waiting && html`<br /><span class="${severity === 'critical' ? 'wrong' : severity ? 'doubtful' : ''}">${severity && '▲ '}${waiting}</span>`}
  </td>`;
}
