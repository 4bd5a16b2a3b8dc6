/** Keeps the number of our operations under way within what was negotiated. Source: PS3.7 annex D.3.3.3. */
export class InvocationWindow {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;
  #isOpen = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Settles when there is room. */
  async enter(): Promise<void> {
    if (this.#inside >= this.#limit && !this.#isOpen) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return;
    }
    this.#inside += 1;
  }

  /** Hands the place to the one who has waited longest. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#inside -= 1;
  }

  /** The association is over: nobody needs to wait to find out. */
  open(): void {
    this.#isOpen = true;
    for (const resolve of this.#waiting.splice(0)) {
      this.#inside += 1;
      resolve();
    }
  }
}
