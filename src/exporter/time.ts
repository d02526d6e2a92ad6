// A moment as pages show it.

import { html, type Html } from '../web/html.js';

/** In UTC, as the metrics have it; to the second. @param at milliseconds since the Unix epoch */
export function time(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}
