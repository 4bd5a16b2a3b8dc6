/** Stops and resumes reading from the peer; several holders may want it stopped at the same time. */
export class ReadGate {
  readonly #pause: () => void;
  readonly #resume: () => void;
  #holders = 0;

  constructor(pause: () => void, resume: () => void) {
    this.#pause = pause;
    this.#resume = resume;
  }

  hold(): void {
    this.#holders += 1;
    if (this.#holders === 1) this.#pause();
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#resume();
  }
}
