// What the page of the fleet adds to the stylesheet of all pages.

/** `wrong` and `doubtful` always stand beside a symbol (✕, ▲) or a word: nothing is said by colour alone. */
export const STYLE = `
.wrong { color: var(--down); font-weight: 600; }
.doubtful { color: var(--waiting); font-weight: 600; }
h3, h4 { margin: 0; font-size: 1rem; line-height: 1.3; }
p { margin: 0; }
b, .messages, .stage, td { font-variant-numeric: tabular-nums; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
#lost { margin-bottom: 1rem; }
#lost:not(:empty) { padding: .5rem 1rem; border-radius: 8px; }
body:not(.lost) #lost { display: none; }
body.lost main { opacity: .8; }

.notice { padding: .6rem 1rem; border-radius: 8px; border: 1px solid currentColor; margin-bottom: 1rem; }
.notice ul { margin: .25rem 0 0; padding-left: 1.1rem; }

.heading { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; }
.heading h2 { margin-top: .5rem; }
form { display: flex; align-items: baseline; gap: .6rem; }
input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: 6px; padding: .15rem .6rem; width: 15rem; max-width: 100%; }
input::placeholder { color: var(--quiet); opacity: 1; }

nav { margin-left: auto; font-size: .9rem; }
.flows { display: grid; grid-template-columns: minmax(0, 1fr); gap: .6rem; }
.flow { padding: 0; }
.flow > summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem 1rem; padding: .6rem 1rem; cursor: pointer; list-style: none; }
.flow > summary::-webkit-details-marker { display: none; }
.flow > summary::before { content: '▸' / ''; color: var(--quiet); width: .6rem; margin-right: -.5rem; }
.flow[open] > summary::before { content: '▾' / ''; }
.flow h3 { display: inline-flex; flex-wrap: wrap; align-items: baseline; gap: 0 .6rem; }
.flow h3 .quiet { font-weight: 400; font-size: 15px; }
.flow .about { display: inline-flex; flex-wrap: wrap; gap: 0 .45rem; font-size: .87rem; flex: 1; }
.about > span:not(:last-child)::after { content: ' ·' / ''; }
.flow[open] > summary .sum { display: none; }
.flow .sum { font-size: .87rem; font-variant-numeric: tabular-nums; }

.pipeline { list-style: none; margin: 0; padding: 0 1rem; display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 14rem);
  grid-template-rows: repeat(6, auto); border-top: 1px solid var(--line); }
.stage { position: relative; display: grid; grid-row: span 6; grid-template-rows: subgrid; padding: .6rem .6rem .6rem 1.3rem; font-size: .9rem; min-width: 0; }
.stage:first-child { padding-left: 0; }
.stage + .stage::before { content: '→' / ''; position: absolute; left: -.1rem; top: .55rem; color: var(--quiet); }
.stage h4 { display: flex; align-items: center; gap: .6rem; color: var(--quiet); font-weight: 600; font-size: .9rem; overflow-wrap: anywhere; }
.stage:not(:last-child) h4::after { content: ''; flex: 1; min-width: .5rem; border-top: 1px solid var(--line); }
.messages { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .6rem; }
.messages b { font-size: 1.35rem; line-height: 1.35; font-weight: 600; }
.gap { overflow-wrap: anywhere; font-weight: 400; }
.nothing { grid-row: 2 / -1; }
.pipeline.long { grid-auto-flow: row; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); grid-template-rows: none; }
.pipeline.long .stage { grid-row: auto; grid-template-rows: none; align-content: start; padding-left: 1.4rem; }

.under { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .25rem 1rem; padding: 0 1rem .6rem; font-size: .87rem; }
.under > details { min-width: 0; max-width: 100%; }
.under > details[open] { flex: 1 1 100%; }
.under summary, td summary { cursor: pointer; color: var(--quiet); }
.under .scroll { margin-top: .4rem; }
th[scope='row'] { color: var(--text); }
tr:last-child > th[scope='row'] { border-bottom: 0; }
header .state { white-space: normal; }
td:first-child { min-width: 12rem; }
td pre { margin-top: .3rem; max-height: 16rem; overflow: auto; }
td .message { max-width: 34rem; }

@media (max-width: 46rem) {
  body { padding: .9rem; }
  nav { margin-left: 0; }
  .pipeline, .pipeline.long { display: block; padding-bottom: .3rem; }
  .flow .about { flex-basis: 100%; }
  .stage, .pipeline.long .stage { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .9rem; padding: .45rem 0 .45rem 1.4rem; }
  .stage:first-child { padding-left: 1.4rem; }
  .stage + .stage { border-top: 1px solid var(--line); }
  .stage + .stage::before { content: '↓' / ''; top: .45rem; left: .2rem; }
  .stage:not(:last-child) h4::after { content: none; }
  .stage h4 { flex: 1 1 40%; }
  .stage p:empty { display: none; }
  .messages b { font-size: 1.05rem; }
  .gap, .nothing { flex: 1 0 100%; }
  input { width: 11rem; }

  .stacking, .stacking tbody { display: block; }
  .stacking thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacking tr { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; padding: .55rem 1rem; border-bottom: 1px solid var(--line); }
  .stacking tr:last-child { border-bottom: 0; }
  .stacking td { padding: 0; border: 0; text-align: left; white-space: normal; }
  .stacking td { order: 2; }
  .stacking td:first-child { order: 0; flex: 1 0 60%; }
  .stacking td.wide { order: 1; }
  .stacking td.wide:has(.message, details) { flex: 1 0 100%; }
  .stacking tr::after { content: ''; order: 1; flex: 1 0 100%; }
  .stacking td[data-label]::before { content: attr(data-label) ' ' / ''; color: var(--quiet); font-size: .85rem; }
}
`;
