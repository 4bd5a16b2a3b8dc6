/**
 * The list of a large report: draws only the rows in view, so that ten thousand studies scroll, search and filter at
 * once. Pictures are loaded as their rows come into view. Everything from the data goes in as text.
 */
export const LIST_SCRIPT = `
const ROW_PX = 64;
const OVERSCAN_ROWS = 8;
const data = JSON.parse(document.querySelector('#rows').textContent);
const tools = document.querySelector('.tools');
const search = tools.querySelector('input');
const buttons = [...tools.querySelectorAll('button[data-outcome]')];
const output = tools.querySelector('output');
const none = document.querySelector('#none');
const list = document.querySelector('.list');
const texts = data.rows.map((row) => row.join(' ').toLowerCase());
let shown = [];
let drawn = new Map();
const cell = (className, text) => {
  const span = document.createElement('span');
  span.className = className;
  span.textContent = text;
  return span;
};
const draw = (index, at) => {
  const [uid, outcome, tone, outcomeName, urgency, probability, kind, reported, remark, hasPicture] = data.rows[index];
  const row = document.createElement('a');
  row.className = 'row tone-' + tone;
  row.dataset.outcome = outcome;
  row.href = 'report/' + uid + '.html';
  row.style.top = at * ROW_PX + 'px';
  const place = document.createElement('span');
  place.className = 'thumb';
  if (hasPicture) {
    const image = document.createElement('img');
    image.loading = 'lazy';
    image.decoding = 'async';
    image.alt = '';
    image.src = 'report/' + uid + '.png';
    place.append(image);
  }
  row.append(place, cell('tag', urgency), cell('tag tone-' + outcome, outcomeName), cell('num', probability),
    cell('', kind), cell('', reported), cell('uid', uid), cell('dim remark', remark));
  return row;
};
const paint = () => {
  const top = -list.getBoundingClientRect().top;
  const first = Math.max(0, Math.floor(top / ROW_PX) - OVERSCAN_ROWS);
  const last = Math.min(shown.length, Math.ceil((top + innerHeight) / ROW_PX) + OVERSCAN_ROWS);
  const next = new Map();
  for (let at = first; at < last; at++) {
    const kept = drawn.get(at);
    if (kept) next.set(at, kept);
    else {
      const row = draw(shown[at], at);
      next.set(at, row);
      list.append(row);
    }
  }
  for (const [at, row] of drawn) if (next.get(at) !== row) row.remove();
  drawn = next;
};
const apply = () => {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const outcomes = new Set(buttons.filter((b) => b.ariaPressed === 'true').map((b) => b.dataset.outcome));
  shown = [];
  for (let index = 0; index < data.rows.length; index++) {
    if (outcomes.size > 0 && !outcomes.has(data.rows[index][1])) continue;
    if (words.every((word) => texts[index].includes(word))) shown.push(index);
  }
  for (const row of drawn.values()) row.remove();
  drawn = new Map();
  list.style.height = shown.length * ROW_PX + 'px';
  output.value = (shown.length === data.rows.length ? '' : shown.length + ' of ') + data.rows.length + ' studies';
  none.hidden = shown.length > 0;
  paint();
};
search.addEventListener('input', apply);
for (const button of buttons) {
  button.addEventListener('click', () => {
    button.ariaPressed = button.ariaPressed === 'true' ? 'false' : 'true';
    apply();
  });
}
addEventListener('scroll', paint, { passive: true });
addEventListener('resize', paint);
tools.hidden = false;
apply();
`;
