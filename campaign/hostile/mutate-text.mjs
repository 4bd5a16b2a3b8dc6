const HOSTILE_TEXTS = [
  '../../../../etc/passwd',
  '..\\..\\windows',
  '/absolute',
  '\0',
  '\u202e',
  '%00%2e%2e%2f',
  "'; DROP TABLE study; --",
  '<script>alert(1)</script>',
  '$(reboot)',
  '{{7*7}}',
  '__proto__',
  'constructor',
  'NaN',
  '-1',
  '1e999',
  '99999999999999999999',
  'A'.repeat(70_000),
  '&'.repeat(300),
  '\r\n',
  '\u000b',
  '\u001c\r',
  '|'.repeat(500),
  '^~\\&',
];

/** Damage to text: lines doubled, dropped, moved; hostile words put in; single characters changed. */
export function mutateText(seed, random, words = []) {
  let text = seed;
  const pool = [...HOSTILE_TEXTS, ...words];
  for (let change = 1 + random.below(5); change > 0; change -= 1) {
    const at = random.below(text.length + 1);
    const end = at + random.below(40);
    const kind = random.below(6);
    if (kind === 0) text = text.slice(0, at) + random.pick(pool) + text.slice(at);
    else if (kind === 1) text = text.slice(0, at) + text.slice(end);
    else if (kind === 2) text = text.slice(0, end) + text.slice(at);
    else if (kind === 3) text = text.slice(0, at) + String.fromCharCode(random.below(0x180)) + text.slice(at + 1);
    else if (kind === 4) text = swapLines(text, random);
    else text = text.slice(0, at) + random.pick(pool) + text.slice(end);
  }
  return text;
}

function swapLines(text, random) {
  const lines = text.split('\n');
  const [a, b] = [random.below(lines.length), random.below(lines.length)];
  [lines[a], lines[b]] = [lines[b], lines[a]];
  return lines.join('\n');
}
