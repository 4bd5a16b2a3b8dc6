/**
 * Means and maxima over blocks of fx columns, fy rows and `depth` slices of one slab of 16-bit voxels.
 *
 * `slab` holds depth slices of [rows, columns]; `sums` (i32) and `peaks` (i16) are scratch of one row of `columns`;
 * `means` and `maxima` (i16) receive ceil(rows / fy) x ceil(columns / fx) values. Blocks at the far border hold what is left.
 */
export function reduceSlab(
  slab: usize,
  sums: usize,
  peaks: usize,
  means: usize,
  maxima: usize,
  columns: i32,
  rows: i32,
  depth: i32,
  fx: i32,
  fy: i32,
): void {
  const outColumns = (columns + fx - 1) / fx;
  const outRows = (rows + fy - 1) / fy;
  for (let outRow = 0; outRow < outRows; outRow++) {
    const rowFrom = outRow * fy;
    const rowTo = min(rowFrom + fy, rows);
    memory.fill(sums, 0, (<usize>columns) << 2);
    for (let x = 0; x < columns; x++) store<i16>(peaks + ((<usize>x) << 1), i16.MIN_VALUE);
    for (let z = 0; z < depth; z++) {
      for (let y = rowFrom; y < rowTo; y++) {
        addRow(slab + ((<usize>(z * rows + y) * columns) << 1), sums, peaks, columns);
      }
    }
    const rowCount = (rowTo - rowFrom) * depth;
    for (let outColumn = 0; outColumn < outColumns; outColumn++) {
      const from = outColumn * fx;
      const to = min(from + fx, columns);
      let sum = 0;
      let peak: i32 = i16.MIN_VALUE;
      for (let x = from; x < to; x++) {
        sum += load<i32>(sums + ((<usize>x) << 2));
        peak = max(peak, <i32>load<i16>(peaks + ((<usize>x) << 1)));
      }
      const at = (<usize>(outRow * outColumns + outColumn)) << 1;
      store<i16>(means + at, <i16>Math.round(<f64>sum / <f64>(rowCount * (to - from))));
      store<i16>(maxima + at, <i16>peak);
    }
  }
}

function addRow(row: usize, sums: usize, peaks: usize, columns: i32): void {
  let x = 0;
  for (; x + 8 <= columns; x += 8) {
    const values = v128.load(row + ((<usize>x) << 1));
    const low = sums + ((<usize>x) << 2);
    v128.store(low, i32x4.add(v128.load(low), i32x4.extend_low_i16x8_s(values)));
    v128.store(low + 16, i32x4.add(v128.load(low + 16), i32x4.extend_high_i16x8_s(values)));
    const peak = peaks + ((<usize>x) << 1);
    v128.store(peak, i16x8.max_s(v128.load(peak), values));
  }
  for (; x < columns; x++) {
    const value = load<i16>(row + ((<usize>x) << 1));
    const sum = sums + ((<usize>x) << 2);
    store<i32>(sum, load<i32>(sum) + <i32>value);
    const peak = peaks + ((<usize>x) << 1);
    if (value > load<i16>(peak)) store<i16>(peak, value);
  }
}
