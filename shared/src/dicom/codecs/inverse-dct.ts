/** BASIS[u * 8 + x] = C(u) / 2 cos((2x + 1) u pi / 16). Source: ITU-T T.81 A.3.3. */
const BASIS = Float64Array.from({ length: 64 }, (_, index) => {
  const u = index >> 3;
  const x = index & 7;
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});
const rowsDone = new Float64Array(64);

/** Inverse discrete cosine transform of an 8 x 8 block, in place, exact to rounding of doubles. */
export function inverseDct(block: Float64Array): void {
  // Along rows; most coefficients of a block are zero.
  rowsDone.fill(0);
  for (let v = 0; v < 8; v++) {
    for (let u = 0; u < 8; u++) {
      const coefficient = block[v * 8 + u]!;
      if (coefficient === 0) continue;
      for (let x = 0; x < 8; x++) rowsDone[v * 8 + x]! += coefficient * BASIS[u * 8 + x]!;
    }
  }
  // Along columns.
  for (let x = 0; x < 8; x++) {
    for (let y = 0; y < 8; y++) {
      let sum = 0;
      for (let v = 0; v < 8; v++) sum += rowsDone[v * 8 + x]! * BASIS[v * 8 + y]!;
      block[y * 8 + x] = sum;
    }
  }
}
