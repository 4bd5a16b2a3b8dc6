/** Planes of one size: channel c of pixel (i, j) at `(c * rows + j) * columns + i`. */
export interface Planes {
  readonly values: Float32Array;
  readonly channels: number;
  readonly columns: number;
  readonly rows: number;
}

/** A trained network from planes to planes of probabilities 0..1, which may be smaller by a whole factor. */
export interface PlaneNetwork {
  /** Both sides of the input are multiples of this. */
  readonly sideMultiple: number;
  run(input: Planes): Promise<Planes>;
}
