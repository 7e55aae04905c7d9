"""The style of the page: one column on a phone, more where there is room; legible in print and without colours."""

STYLE = """
:root { color-scheme: light; --ink: #1a1a1a; --quiet: #595959; --rule: #e2e2e2; --bar: #3b3b3b; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff; margin: 0; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1rem; font-weight: 600; color: var(--quiet); margin: 0 0 1.25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 3rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .4rem; overflow-wrap: anywhere; }
h3 small { font-weight: 400; color: var(--quiet); }
.answer { font-size: 1.75rem; line-height: 1.25; font-weight: 650; margin: 0 0 .75rem; }
.lead { font-size: 1.1rem; margin: 0 0 .6rem; max-width: 46rem; overflow-wrap: anywhere; }
.note { color: var(--quiet); margin: .25rem 0 1rem; max-width: 46rem; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1.5rem 0 0; }
a, summary { color: #0b5394; }
nav a, summary { padding: .3rem 0; }
summary { cursor: pointer; }
code { font: .9em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: #f4f4f4; padding: .75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0; }
bdi, td, th { unicode-bidi: isolate; }

/* What is scrolled sideways casts a shadow on the side where there is more. */
.wide { overflow-x: auto; max-width: 100%; margin-bottom: 1rem;
  background: linear-gradient(to left, #fff 1.5rem, transparent 3rem) right / 3rem 100% no-repeat local,
    linear-gradient(to left, rgba(0,0,0,.22), transparent) right / .8rem 100% no-repeat scroll; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
thead th { color: var(--quiet); font-weight: 600; border-bottom: 1px solid #8c8c8c; vertical-align: bottom; }
tbody th { font-weight: 400; position: sticky; left: 0; background: #fff; z-index: 1; }
th.n, td.n { text-align: right; padding-left: .9rem; white-space: nowrap; }
.name { overflow-wrap: anywhere; min-width: 4.5rem; }
th.name:first-child { min-width: 8rem; }
.bar { display: block; width: 6rem; height: .35rem; margin: .1rem 0 .2rem auto; background: #ddd;
  forced-color-adjust: none; }
.bar > span { display: block; height: 100%; background: var(--bar); }
.explained small { display: block; color: var(--quiet); font-size: .85rem; max-width: 30rem; }
.explained td.n b { font-weight: 650; }
.no-std :is(th, td):nth-child(3n + 3), .no-interval :is(th, td):nth-child(3n + 4),
.no-joined :is(th, td):nth-child(n + 5) { display: none; }

.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .2rem 0 .5rem; padding: 0;
  font-size: .9rem; }
.legend li { overflow-wrap: anywhere; }
.swatch { display: inline-block; width: 1.6rem; height: .9rem; border: 1px solid #555; margin-right: .35rem;
  vertical-align: -1px; forced-color-adjust: none; }
.timeline { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: .3rem .6rem; align-items: center; }
.timeline > div { display: contents; }
.row-title { font-size: .9rem; line-height: 1.25; color: var(--quiet); }
.row-title small { white-space: nowrap; }
.band { position: relative; height: 2.1rem; overflow: hidden; outline: 1px solid #555; background: #fff;
  forced-color-adjust: none; }
.band i { position: absolute; top: 0; bottom: 0; overflow: hidden; container-type: inline-size; font-style: normal; }
.band .edged { box-shadow: inset -1px 0 #555; }
.band b { position: absolute; left: 3px; top: .42rem; display: none; padding: 0 .25rem; background: #fff;
  font-size: .8rem; line-height: 1.25rem; font-weight: 600; white-space: nowrap; border-radius: 2px; }
.band b span { display: none; font-weight: 400; }
@container (min-width: 1.5rem) { .band b { display: block; } }
@container (min-width: 4.5rem) { .w6 { display: inline !important; } }
@container (min-width: 6.5rem) { .w9 { display: inline !important; } }
@container (min-width: 8.5rem) { .w12 { display: inline !important; } }
@container (min-width: 11rem) { .w16 { display: inline !important; } }
@container (min-width: 14.5rem) { .w22 { display: inline !important; } }
@container (min-width: 19rem) { .w30 { display: inline !important; } }
.strip { position: relative; height: .6rem; background: #f1f1f1; forced-color-adjust: none; }
.strip i { position: absolute; top: 0; bottom: 0; min-width: 2px; background: #000; }
.strip.dense i { min-width: 1px; }
.confidence svg { display: block; width: 100%; height: 3.5rem; overflow: visible; }
.confidence .grid { stroke: #d0d0d0; stroke-width: 1; }
.confidence .range { fill: #c9c9c9; }
.confidence .line { fill: none; stroke: #1a1a1a; stroke-width: 1.25; stroke-linejoin: round; }
.axis, .pins { position: relative; height: 1.4rem; font-size: .8rem; font-variant-numeric: tabular-nums; }
.axis span { position: absolute; top: .3rem; transform: translateX(-50%); white-space: nowrap; color: var(--quiet); }
.axis .first { transform: none; } .axis .last { transform: translateX(-100%); }
.axis .first::before { left: 0 !important; } .axis .last::before { left: 100% !important; }
.axis span::before { content: ""; position: absolute; left: 50%; top: -.35rem; height: .3rem;
  border-left: 1px solid #777; }
.pins b, .letter { display: inline-block; width: 1.25rem; height: 1.25rem; line-height: 1.25rem; text-align: center;
  background: #1a1a1a; color: #fff; border-radius: 50%; font-size: .78rem; font-weight: 600; }
.pins b { position: absolute; transform: translateX(-50%); }
.video { margin-bottom: 2.5rem; }

.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 1rem; margin: .8rem 0; }
figure { margin: 0; font-size: .85rem; line-height: 1.35; overflow-wrap: anywhere; }
figure img { display: block; max-width: 100%; height: auto; margin-bottom: .3rem; }
figcaption span { display: block; }

.charts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
.chart { margin: 0 0 1rem; max-width: 100%; }
.chart h3 { margin: .5rem 0 .2rem; }
.chart svg { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif;
  font-variant-numeric: tabular-nums; }
.y-title { font-size: 12px; color: var(--quiet); margin: 0 0 .2rem; }
.chart text { fill: var(--quiet); }
.chart .direct { fill: var(--ink); font-weight: 600; }

.confusion { border-collapse: separate; border-spacing: 0; font-size: .9rem; }
.confusion th, .confusion td { border: 0; padding: .25rem .4rem; vertical-align: middle; }
.confusion thead th { font-weight: 400; color: var(--ink); text-align: left; vertical-align: bottom; }
.confusion thead th span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
.confusion tbody th { text-align: right; min-width: 0; max-width: 14rem; border-right: 1px solid #8c8c8c; }
.confusion td { min-width: 2.4rem; height: 2.1rem; text-align: right; border: 1px solid #f0f0f0; forced-color-adjust:
  none; }
.confusion td.own { outline: 2px solid var(--ink); outline-offset: -2px; }

.confusion.dense { font-size: .8rem; }
.confusion.dense :is(th, td) { padding: .1rem .25rem; white-space: nowrap; }
.confusion.dense td { min-width: 1.5rem; height: 1.5rem; }
.confusion.dense tbody th { max-width: none; }

.spot td, .spot th { vertical-align: middle; }
.spot img { display: block; width: 120px; height: auto; }
.scores { display: grid; grid-template-columns: minmax(5rem, 11rem) 5rem 4rem; gap: 0 .6rem; align-items: center;
  font-size: .9rem; }
.scores .bar { width: 100%; margin: 0; height: .6rem; }
.scores .n { text-align: right; white-space: nowrap; }
.scores .name { overflow-wrap: anywhere; }

@media (max-width: 40rem) {
  body { font-size: 15px; }
  main { padding-top: 1rem; }
  h2 { margin-top: 2.25rem; }
  .answer { font-size: 1.5rem; }
  th, td { padding-right: .5rem; }
  th.n, td.n { padding-left: .4rem; }
  th.name:first-child { min-width: 6rem; }
  .videos th.name:first-child { min-width: 4rem; }
  .bar { width: 3.6rem; }
  .timeline { grid-template-columns: minmax(0, 1fr); gap: .1rem; }
  .row-title { margin: .35rem 0 .15rem; font-size: .8rem; }
  .axis-row .row-title, .pins-row .row-title { display: none; }
  .axis .minor { display: none; }
  .cards { grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); }
  .explained, .explained tbody, .spot, .spot tbody { display: block; }
  .explained tr { display: grid; grid-template-columns: 7.6rem 4.6rem minmax(0, 1fr); padding: .5rem 0;
    border-bottom: 1px solid var(--rule); }
  .explained.no-joined tr { grid-template-columns: 4.2rem 4.6rem minmax(0, 1fr); }
  .explained.no-joined.no-std tr { grid-template-columns: 4.2rem 0 10.5rem 1fr; }
  .explained thead { display: block; }
  .explained thead th:first-child, .explained thead th:nth-child(n + 5) { display: none; }
  .explained th, .explained td { border: 0; padding: 0 !important; }
  .explained tbody th { grid-column: 1 / -1; }
  .explained :is(td, th.n):nth-child(3n + 2) { grid-column: 1; }
  .explained :is(td, th.n):nth-child(3n + 3) { grid-column: 2; }
  .explained :is(td, th.n):nth-child(3n + 4) { grid-column: 3; }
  .explained td:nth-child(3n + 3):not(:empty)::before { content: "± "; }
  .explained td:nth-child(5):not(:empty)::before { content: "joined "; color: var(--quiet); font-size: .85rem; }
  .confusion tbody th { max-width: 6.5rem; font-size: .85rem; }
  .spot thead { display: none; }
  .spot tr { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 0 .75rem; padding: .6rem 0;
    border-bottom: 1px solid var(--rule); }
  .spot th, .spot td { border: 0; padding: 0; min-width: 0; }
  .spot th:first-child { grid-row: 1 / span 4; }
  .spot img { width: 100%; }
  .spot td[data-of]::before { content: attr(data-of) " "; color: var(--quiet); }
  .scores { grid-template-columns: minmax(0, 1fr) 3.2rem; }
  .scores .bar { display: none; }
}
@media print { nav { display: none; } article, figure, tr { break-inside: avoid; } }
"""
