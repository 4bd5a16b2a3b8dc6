/**
 * Thins a mask to lines one pixel wide, in place, keeping what is connected connected.
 *
 * Source: Zhang and Suen 1984, doi:10.1145/357994.358023.
 */
export function thinLines(mask: Uint8Array, columns: number, rows: number): void {
  let active: number[] = [];
  for (let at = 0; at < mask.length; at++) if (mask[at] !== 0) active.push(at);
  const around = [-columns, -columns + 1, 1, columns + 1, columns, columns - 1, -1, -columns - 1];
  let changed = true;
  while (changed) {
    changed = false;
    for (const phase of [0, 1]) {
      const remove: number[] = [];
      for (const at of active) {
        const i = at % columns;
        const j = Math.floor(at / columns);
        if (i === 0 || j === 0 || i + 1 === columns || j + 1 === rows) {
          remove.push(at);
          continue;
        }
        if (isRemovable(mask, at, around, phase)) remove.push(at);
      }
      for (const at of remove) mask[at] = 0;
      if (remove.length > 0) {
        changed = true;
        active = active.filter((at) => mask[at] !== 0);
      }
    }
  }
}

function isRemovable(mask: Uint8Array, at: number, around: readonly number[], phase: number): boolean {
  let count = 0;
  let rises = 0;
  for (let n = 0; n < 8; n++) {
    const here = mask[at + around[n]!] !== 0;
    if (here) count += 1;
    if (!here && mask[at + around[(n + 1) % 8]!] !== 0) rises += 1;
  }
  if (count < 2 || count > 6 || rises !== 1) return false;
  const on = (n: number): boolean => mask[at + around[n]!] !== 0;
  // North, east, south, west are neighbours 0, 2, 4, 6.
  return phase === 0
    ? !(on(0) && on(2) && on(4)) && !(on(2) && on(4) && on(6))
    : !(on(0) && on(2) && on(6)) && !(on(0) && on(4) && on(6));
}
