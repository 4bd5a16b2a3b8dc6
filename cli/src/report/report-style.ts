/** The look of report.html: dark like a reading room, readable on a telephone and on paper. */
export const REPORT_STYLE = `
:root {
  color-scheme: dark;
  --room: #0a0d11; --panel: #12171d; --raised: #1a2129; --line: #2a333d;
  --text: #dfe6ec; --dim: #93a1af; --link: #7fb8ff;
  --critical: #ff5d5d; --high: #ff9a4a; --medium: #f2cf5b; --low: #7fb8ff; --calm: #8fa2b3; --absent: #6fbf8f;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--room); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "DejaVu Sans", sans-serif; }
main, header, footer { max-width: 1240px; margin: 0 auto; padding: 0 20px; }
a { color: var(--link); }
h1 { font-size: 24px; font-weight: 600; margin: 22px 0 2px; letter-spacing: -.01em; }
h2 { font-size: 17px; font-weight: 600; margin: 34px 0 8px; }
h3 { font-size: 13px; font-weight: 600; margin: 18px 0 6px; color: var(--dim); text-transform: uppercase;
  letter-spacing: .06em; }
.uid { font-family: var(--mono); font-size: 12.5px; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
.num { font-variant-numeric: tabular-nums; }
.banner { background: #3a2a08; color: #ffdf9e; border-bottom: 1px solid #6b4d10; text-align: center; padding: 7px 20px;
  font-weight: 600; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 10px; margin: 18px 0; }
.tile { background: var(--panel); border: 1px solid var(--line); border-top: 3px solid var(--tone, var(--line));
  border-radius: 8px; padding: 10px 14px; }
.tile b { display: block; font-size: 27px; font-weight: 600; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { color: var(--dim); font-size: 13px; }
.tone-present, .tone-critical { --tone: var(--critical); }
.tone-high { --tone: var(--high); }
.tone-undetermined, .tone-medium { --tone: var(--medium); }
.tone-low { --tone: var(--low); }
.tone-absent { --tone: var(--absent); }
.tone-not-analysable, .tone-not-applicable, .tone-none { --tone: var(--calm); }
.tools { position: sticky; top: 0; z-index: 2; background: var(--room); padding: 10px 0; display: flex; flex-wrap: wrap;
  gap: 8px; align-items: center; border-bottom: 1px solid var(--line); }
.tools[hidden] { display: none; }
.tools input, .tools button { font: inherit; font-size: 14px; color: var(--text); background: var(--panel);
  border: 1px solid var(--line); border-radius: 6px; padding: 6px 11px; }
.tools input { flex: 1 1 220px; min-width: 0; }
.tools button { cursor: pointer; }
.tools button[aria-pressed="true"] { background: var(--raised); border-color: var(--tone, var(--link));
  box-shadow: inset 0 0 0 1px var(--tone, var(--link)); }
.tools output { color: var(--dim); font-size: 13px; margin-left: auto; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.study { border: 1px solid var(--line); border-left: 4px solid var(--tone, var(--line)); border-radius: 8px;
  background: var(--panel); margin: 8px 0; content-visibility: auto; contain-intrinsic-size: auto 48px; }
.study[hidden] { display: none; }
.study > summary, .columns { display: grid; gap: 4px 14px; align-items: center; padding: 9px 14px;
  grid-template-columns: 14px 92px 128px 108px 74px 104px minmax(0, 1fr); }
.study > summary { cursor: pointer; list-style: none; }
.study > summary::-webkit-details-marker { display: none; }
.study > summary::before { content: "\\203A"; color: var(--dim); font-size: 18px; line-height: 1; }
.study[open] > summary::before { transform: rotate(90deg); }
.study > summary:hover { background: var(--raised); border-radius: 0 7px 7px 0; }
.columns { color: var(--dim); font-size: 12px; text-transform: uppercase; letter-spacing: .05em; padding: 12px 15px 0 18px; }
.tag { color: var(--tone); font-weight: 600; white-space: nowrap; }
.meter { display: inline-flex; align-items: center; gap: 8px; white-space: nowrap; }
.meter svg { width: 44px; height: 6px; flex: none; }
.meter rect { fill: var(--line); } .meter rect + rect { fill: var(--tone); }
.body { border-top: 1px solid var(--line); padding: 4px 18px 18px; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 12px; margin: 14px 0; }
.pictures.small { grid-template-columns: repeat(auto-fill, minmax(150px, 190px)); }
figure { margin: 0; background: #000; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
figure button { display: block; width: 100%; padding: 0; border: 0; background: none; cursor: zoom-in; }
figure img { display: block; width: 100%; height: auto; }
figcaption { font-size: 12.5px; color: var(--dim); padding: 6px 10px; border-top: 1px solid var(--line);
  background: var(--panel); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 500; color: var(--dim); font-size: 12.5px; padding: 4px 12px 4px 0;
  border-bottom: 1px solid var(--line); }
td { padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
ul { margin: 4px 0; padding-left: 18px; }
dl { display: grid; grid-template-columns: minmax(120px, max-content) minmax(0, 1fr); gap: 3px 18px; margin: 8px 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
.empty { background: var(--panel); border: 1px dashed var(--line); border-radius: 8px; padding: 26px; text-align: center;
  color: var(--dim); }
.empty[hidden] { display: none; }
footer { color: var(--dim); font-size: 13.5px; padding-bottom: 50px; }
dialog { border: 0; padding: 0; background: #000; max-width: 96vw; max-height: 96vh; }
dialog img { display: block; max-width: 96vw; max-height: 92vh; width: min(96vw, 92vh); height: auto;
  object-fit: contain; cursor: zoom-out; image-rendering: auto; }
dialog::backdrop { background: rgb(0 0 0 / .85); }
@media (max-width: 820px) {
  main, header, footer { padding: 0 12px; }
  .columns { display: none; }
  .study > summary { grid-template-columns: 14px auto 1fr; }
  .study > summary > .wide { grid-column: 2 / -1; }
  .tools output { margin-left: 0; width: 100%; }
  .tools { position: static; }
  .findings thead { display: none; }
  .findings td { display: block; border: 0; padding: 1px 0; }
  .findings tr { display: block; border-bottom: 1px solid var(--line); padding: 8px 0; }
  .findings td:first-child { font-weight: 600; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 6px; }
}
@media print {
  :root { color-scheme: light; --room: #fff; --panel: #fff; --raised: #fff; --line: #bbb; --text: #111; --dim: #555;
    --link: #111; --critical: #b00020; --high: #b35300; --medium: #7a6200; --low: #1d4f91; --calm: #555; --absent: #2c6b45; }
  body { font-size: 10.5pt; }
  .banner { background: none; color: #111; border: 1px solid #111; }
  .tools, dialog { display: none; }
  .study { content-visibility: visible; break-inside: avoid-page; }
  .pictures { grid-template-columns: repeat(3, 1fr); }
  figure { break-inside: avoid; }
}
`;
