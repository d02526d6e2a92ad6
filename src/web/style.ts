// The one stylesheet of all pages, light and dark after the reader's own setting.

/**
 * Classes for use in pages: `state up|down|waiting` (a badge that does not rely on colour alone: give it a word), `card`, `cards`,
 * `quiet` (secondary text), `number` (right-aligned figures), `scroll` (around wide tables), `message` (errors, as they are).
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f6f7f9, #14171c); --card: light-dark(#fff, #1c2027); --line: light-dark(#dde1e7, #333a45);
  --text: light-dark(#1b1f26, #e6e9ee); --quiet: light-dark(#5a6472, #9aa5b4); --link: light-dark(#0b57b0, #7db8ff);
  --up: light-dark(#14693a, #5fd394); --up-back: light-dark(#dff3e6, #17382a);
  --down: light-dark(#a81c1c, #ff9a94); --down-back: light-dark(#fce4e3, #472021);
  --waiting: light-dark(#7a5200, #f2c25b); --waiting-back: light-dark(#fdf0d0, #40321a);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.25rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
a { color: var(--link); }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .35rem 1rem; margin-bottom: 1rem; }
h1 { font-size: 1.45rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.quiet, th { color: var(--quiet); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .75rem; }
.card, .scroll { background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.card { padding: .75rem 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem; border-bottom: 1px solid var(--line); }
tr:last-child > td { border-bottom: 0; }
th { font-weight: 600; font-size: .85rem; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.state { display: inline-block; border-radius: 99px; padding: 0 .6rem; font-size: .85rem; font-weight: 600; white-space: nowrap; }
.up { color: var(--up); background: var(--up-back); }
.down { color: var(--down); background: var(--down-back); }
.waiting { color: var(--waiting); background: var(--waiting-back); }
.message { white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace; margin: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 2rem; font-size: .85rem; color: var(--quiet); }
`;
