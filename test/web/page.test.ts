// Pages: values are text, and the policy they are sent with admits exactly the style and script they hold.

import { createHash } from 'node:crypto';
import { html, escapeHtml } from '../../src/web/html.js';
import { renderPage, stateBadge } from '../../src/web/page.js';

describe('html', () => {
  it('escapes values in content and in attributes', () => {
    const value = `<img src=x onerror="alert('1')">&`;

    const text = html`<p title="${value}">${value}</p>`.toString();

    const escaped = '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;';
    expect(text).toBe(`<p title="${escaped}">${escaped}</p>`);
    expect(escapeHtml(value)).toBe(escaped);
  });

  it('takes HTML as it is, joins arrays, and writes nothing for what is absent', () => {
    const items = ['a', 'b<'].map((item) => html`<b>${item}</b>`);

    const text = html`<p>${items}${undefined}${null}${false}${0}</p>`.toString();

    expect(text).toBe('<p><b>a</b><b>b&lt;</b>0</p>');
  });
});

describe('renderPage', () => {
  it('admits its own style and script by their digests and no other', () => {
    const { body, headers } = renderPage({ title: 'A & B', body: stateBadge('up', 'up'), script: 'let a = "<b>";' });

    const style = /<style>(?<content>[^]*?)<\/style>/.exec(body)?.groups?.['content'] ?? '';
    const script = /<script>(?<content>[^]*?)<\/script>/.exec(body)?.groups?.['content'] ?? '';
    expect(script).toBe('let a = "<b>";');
    expect(headers['Content-Security-Policy']).toContain(`style-src '${digest(style)}'`);
    expect(headers['Content-Security-Policy']).toContain(`script-src '${digest(script)}'`);
    expect(body).toContain('<title>A &amp; B · Vigie</title>');
  });
});

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
