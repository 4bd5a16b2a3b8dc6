/**
 * One pass of a separable filter along x, y or z over a float volume of shape [nz, ny, nx].
 *
 * `weights` holds the radius + 1 weights of a symmetric kernel, centre first. Voxels beyond the border repeat the
 * border's value. `source` and `target` must not overlap.
 */
function clampIndex(index: i32, count: i32): i32 {
  return index < 0 ? 0 : index >= count ? count - 1 : index;
}

export function smoothX(source: usize, target: usize, weights: usize, radius: i32, nx: i32, ny: i32, nz: i32): void {
  const rows = ny * nz;
  for (let row = 0; row < rows; row++) {
    const from = source + ((<usize>row * nx) << 2);
    const to = target + ((<usize>row * nx) << 2);
    let x = 0;
    while (x < nx) {
      if (x >= radius && x + radius + 4 <= nx) {
        const at = from + ((<usize>x) << 2);
        let sum = f32x4.mul(v128.load(at), f32x4.splat(load<f32>(weights)));
        for (let r = 1; r <= radius; r++) {
          const reach = (<usize>r) << 2;
          const pair = f32x4.add(v128.load(at - reach), v128.load(at + reach));
          sum = f32x4.add(sum, f32x4.mul(pair, f32x4.splat(load<f32>(weights + reach))));
        }
        v128.store(to + ((<usize>x) << 2), sum);
        x += 4;
      } else {
        let sum = load<f32>(from + ((<usize>x) << 2)) * load<f32>(weights);
        for (let r = 1; r <= radius; r++) {
          const before = load<f32>(from + ((<usize>clampIndex(x - r, nx)) << 2));
          const after = load<f32>(from + ((<usize>clampIndex(x + r, nx)) << 2));
          sum += (before + after) * load<f32>(weights + ((<usize>r) << 2));
        }
        store<f32>(to + ((<usize>x) << 2), sum);
        x++;
      }
    }
  }
}

/** The sum for `count` neighbours in memory, whose partners lie `stride` bytes apart along the filtered axis. */
function smoothRun(
  source: usize,
  target: usize,
  weights: usize,
  radius: i32,
  count: i32,
  position: i32,
  positions: i32,
  stride: usize,
): void {
  const line = source - <usize>position * stride;
  let x = 0;
  for (; x + 4 <= count; x += 4) {
    const offset = (<usize>x) << 2;
    let sum = f32x4.mul(v128.load(source + offset), f32x4.splat(load<f32>(weights)));
    for (let r = 1; r <= radius; r++) {
      const before = line + <usize>clampIndex(position - r, positions) * stride + offset;
      const after = line + <usize>clampIndex(position + r, positions) * stride + offset;
      const pair = f32x4.add(v128.load(before), v128.load(after));
      sum = f32x4.add(sum, f32x4.mul(pair, f32x4.splat(load<f32>(weights + ((<usize>r) << 2)))));
    }
    v128.store(target + offset, sum);
  }
  for (; x < count; x++) {
    const offset = (<usize>x) << 2;
    let sum = load<f32>(source + offset) * load<f32>(weights);
    for (let r = 1; r <= radius; r++) {
      const before = load<f32>(line + <usize>clampIndex(position - r, positions) * stride + offset);
      const after = load<f32>(line + <usize>clampIndex(position + r, positions) * stride + offset);
      sum += (before + after) * load<f32>(weights + ((<usize>r) << 2));
    }
    store<f32>(target + offset, sum);
  }
}

export function smoothY(source: usize, target: usize, weights: usize, radius: i32, nx: i32, ny: i32, nz: i32): void {
  const stride = (<usize>nx) << 2;
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const offset = (<usize>z * ny + y) * stride;
      smoothRun(source + offset, target + offset, weights, radius, nx, y, ny, stride);
    }
  }
}

export function smoothZ(source: usize, target: usize, weights: usize, radius: i32, nx: i32, ny: i32, nz: i32): void {
  const row = (<usize>nx) << 2;
  const stride = row * ny;
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const offset = <usize>z * stride + <usize>y * row;
      smoothRun(source + offset, target + offset, weights, radius, nx, z, nz, stride);
    }
  }
}
