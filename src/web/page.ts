// The frame of every page: head, style, heading, footer, and the headers it is sent with.

import { createHash } from 'node:crypto';
import { Html, html, type HtmlValue } from './html.js';
import { STYLE } from './style.js';

export interface Page {
  /** Shown in the tab and as the heading. */
  readonly title: string;
  /** Beside the heading: the state, say. */
  readonly beside?: HtmlValue;
  readonly navigation?: readonly { readonly href: string; readonly text: string }[];
  readonly body: HtmlValue;
  readonly footer?: HtmlValue;
  /** Reloads the page after so many seconds; where the page has a script, only for readers who do not run it. */
  readonly refreshSeconds?: number;
  /** Rules of this page, after those of all pages. */
  readonly style?: string;
  /** The page holds a form that is sent to the server it came from. */
  readonly hasForm?: boolean;
  /** JavaScript of our own that runs at the end of the page; it must not contain `</script`. */
  readonly script?: string;
}

export interface RenderedPage {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const ICON =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 8q7-9 14 0-7 9-14 0z" fill="#0b57b0"/><circle cx="8" cy="8" r="2.6" fill="#fff"/></svg>',
  );

/**
 * Renders a whole document. Its Content-Security-Policy admits our own style and script by their digests, and requests to
 * the server it came from; nothing else, so that a value that slipped through would still not run.
 */
export function renderPage({
  title,
  beside,
  navigation = [],
  body,
  footer,
  refreshSeconds,
  script,
  style = '',
  hasForm = false,
}: Page): RenderedPage {
  const refresh = refreshSeconds === undefined ? undefined : html`<meta http-equiv="refresh" content="${refreshSeconds}" />`;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${refresh !== undefined && (script === undefined ? refresh : html`<noscript>${refresh}</noscript>`)}
        <title>${title} · Vigie</title>
        <link rel="icon" href="${ICON}" />
        ${inline('style', STYLE + style)}
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          ${beside}
          <nav>${navigation.map(({ href, text }) => html`<a href="${href}">${text}</a>`)}</nav>
        </header>
        <main>${body}</main>
        <footer>${footer}</footer>
        ${script !== undefined && inline('script', script)}
      </body>
    </html> `;
  const scripts = script === undefined ? '' : ` script-src '${digest(script)}';`;
  return {
    body: document.toString(),
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src '${digest(STYLE + style)}';${scripts} img-src data:; connect-src 'self'; base-uri 'none'; form-action ${hasForm ? "'self'" : "'none'"}; frame-ancestors 'none'`,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    },
  };
}

/** Written outside of the template: the digest holds for every character, white space included. */
function inline(element: 'style' | 'script', content: string): Html {
  return new Html(`<${element}>${content}</${element}>`);
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** A badge with a word in it, so that it does not rely on colour alone. */
export function stateBadge(state: 'up' | 'down' | 'waiting', word: string): Html {
  return html`<span class="state ${state}">${word}</span>`;
}
