/** A symmetric 3 x 3 matrix: xx, xy, xz, yy, yz, zz. */
export type Symmetric3 = readonly [number, number, number, number, number, number];

/**
 * Eigenvalues of a symmetric 3 x 3 matrix, largest first.
 *
 * Source: Smith 1961, 10.1145/355578.366316 (trigonometric solution)
 */
export function symmetricEigenvalues([xx, xy, xz, yy, yz, zz]: Symmetric3): readonly [number, number, number] {
  const offDiagonal = xy * xy + xz * xz + yz * yz;
  const mean = (xx + yy + zz) / 3;
  const spread = (xx - mean) ** 2 + (yy - mean) ** 2 + (zz - mean) ** 2 + 2 * offDiagonal;
  if (spread <= 1e-18 * mean * mean) return [mean, mean, mean];
  const p = Math.sqrt(spread / 6);
  const [a, b, c] = [(xx - mean) / p, (yy - mean) / p, (zz - mean) / p];
  const [d, e, f] = [xy / p, xz / p, yz / p];
  const halfDeterminant = (a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e)) / 2;
  const angle = Math.acos(Math.min(1, Math.max(-1, halfDeterminant))) / 3;
  const largest = mean + 2 * p * Math.cos(angle);
  const smallest = mean + 2 * p * Math.cos(angle + (2 * Math.PI) / 3);
  return [largest, 3 * mean - largest - smallest, smallest];
}
