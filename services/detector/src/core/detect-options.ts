/** What a caller may choose about an analysis. */
export interface DetectOptions {
  /** Findings of at least this probability are reported. @default OPERATING_POINT.indeterminateProbability */
  readonly reportAbove: number;
}
