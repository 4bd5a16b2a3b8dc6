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
.arrow { width: 7px; height: 7px; margin-left: 2px; border: solid var(--dim); border-width: 0 2px 2px 0;
  transform: rotate(-45deg); }
.study[open] .arrow { transform: rotate(45deg); }
.study > summary:hover { background: var(--raised); border-radius: 0 7px 7px 0; }
.columns { color: var(--dim); font-size: 12px; text-transform: uppercase; letter-spacing: .05em; padding: 12px 15px 0 18px; }
.tag { color: var(--tone); font-weight: 600; white-space: nowrap; }
.meter { display: inline-flex; align-items: center; gap: 8px; white-space: nowrap; }
.meter svg { width: 44px; height: 6px; flex: none; }
.meter rect { fill: var(--line); } .meter rect + rect { fill: var(--tone); }
.body { border-top: 1px solid var(--line); padding: 4px 18px 18px; }
.top { display: flex; flex-wrap: wrap; gap: 4px 28px; }
.overviews { display: flex; flex-wrap: wrap; align-items: start; gap: 12px; margin: 14px 0; flex: 0 1 400px; }
.overviews figure { flex: 1 1 300px; }
.overviews.small { flex-basis: 190px; }
.overviews.small figure { flex-basis: 150px; }
.about { flex: 1 1 380px; min-width: 0; }
.findings { list-style: none; margin: 0; padding: 0; }
.finding { display: grid; grid-template-columns: minmax(260px, 1fr) minmax(0, 1.6fr); gap: 6px 24px;
  border-top: 1px solid var(--line); padding: 14px 0; }
.finding p { margin: 0 0 3px; }
.finding .what { font-size: 16px; }
.number { display: inline-block; min-width: 22px; text-align: center; border: 1px solid #ffc83d; color: #ffc83d;
  border-radius: 11px; font-size: 13px; font-weight: 600; padding: 0 6px; }
.judged-suspected { color: var(--critical); } .judged-indeterminate { color: var(--medium); }
.judged-candidate { color: var(--calm); }
.refusal { display: block; font-size: 13px; }
.measured { display: flex; flex-wrap: wrap; gap: 5px; list-style: none; padding: 0; margin: 8px 0; }
.measured li { background: var(--raised); border: 1px solid var(--line); border-radius: 5px; padding: 1px 8px;
  font-size: 13.5px; white-space: nowrap; }
.why { color: var(--dim); font-size: 14px; margin: 4px 0 0; }
.pictures { display: flex; flex-wrap: wrap; gap: 12px; align-items: start; }
.pictures figure { flex: 0 1 300px; min-width: 0; }
figure { margin: 0; background: #000; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
figure button { display: block; width: 100%; padding: 0; border: 0; background: none; cursor: zoom-in; }
figure img { display: block; width: 100%; height: auto; }
figcaption { font-size: 12.5px; color: var(--dim); padding: 6px 10px; border-top: 1px solid var(--line);
  background: var(--panel); }
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
  .study > summary { display: flex; flex-wrap: wrap; gap: 2px 14px; }
  .study > summary > .wide { flex: 1 0 100%; }
  .finding { grid-template-columns: minmax(0, 1fr); }
  .about { flex-basis: 100%; }
  .tools output { margin-left: 0; width: 100%; }
  .tools { position: static; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 6px; }
}
@media print {
  :root { color-scheme: light; --room: #fff; --panel: #fff; --raised: #fff; --line: #bbb; --text: #111; --dim: #555;
    --link: #111; --critical: #b00020; --high: #b35300; --medium: #7a6200; --low: #1d4f91; --calm: #555; --absent: #2c6b45; }
  body { font-size: 10.5pt; }
  .banner { background: none; color: #111; border: 1px solid #111; }
  .tools, dialog { display: none; }
  .study { content-visibility: visible; }
  .study > summary { break-after: avoid; }
  .number { color: #111; border-color: #111; }
  .overviews { flex-basis: 260px; }
  .pictures figure { flex-basis: 200px; }
  .finding { break-inside: avoid; }
  figure { break-inside: avoid; }
}
.flow { margin: 12px 0; max-width: 760px; background: none; color: var(--text); }
.flow-of-studies > summary { cursor: pointer; color: var(--dim); }
.list { position: relative; }
.row { position: absolute; left: 0; right: 0; height: 64px; display: grid; align-items: center; gap: 12px;
  grid-template-columns: 64px 80px 110px 64px 60px 100px minmax(0, 1fr) minmax(0, 1fr); overflow: hidden;
  border-bottom: 1px solid var(--line); border-left: 3px solid var(--tone, var(--line)); padding: 0 8px;
  color: var(--text); text-decoration: none; }
.row:hover, .row:focus-visible { background: var(--raised); }
.row .thumb { width: 60px; height: 60px; }
.row .thumb img { width: 100%; height: 100%; object-fit: contain; }
.row .uid, .row .remark { max-height: 100%; overflow: hidden; }
@media (max-width: 760px) {
  .row { grid-template-columns: 60px 1fr 1fr; } .row > :nth-child(n+4) { display: none; }
  .row > .uid { display: block; font-size: 10px; }
}
`;
