import type { Dataset } from '@pce/shared/dicom/dataset';
import type { Clock } from '@pce/shared/ports/clock';
import type { Log } from '@pce/shared/ports/log';
import { findArchivedExam } from '../core/find-archived-exam.js';
import type { PriorExam } from '../core/prior-exam.js';
import type { PriorSource } from './prior-sources/prior-source.js';

/** An archive that did not answer is not asked again for so long: reports do not queue up behind it. [design] */
const REST_MS = 60_000;

/** What archives have of a patient. */
export interface ArchivedExams {
  exams: readonly PriorExam[];
  /** One did not answer, or not in time. */
  isIncomplete: boolean;
}

/** Asks the configured archives for earlier reports. A report never fails for what they do. */
export class PriorLookup {
  readonly #sources: readonly PriorSource[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #restsUntil = new Map<string, number>();

  constructor(sources: readonly PriorSource[], clock: Clock, log: Log) {
    this.#sources = sources;
    this.#clock = clock;
    this.#log = log;
  }

  /** @param source an image of the study to be reported */
  async search(source: Dataset): Promise<ArchivedExams> {
    const answers = await Promise.all(this.#sources.map((archive) => this.#ask(archive, source)));
    return {
      exams: answers.filter((answer) => answer !== null && answer !== 'no-answer'),
      isIncomplete: answers.includes('no-answer'),
    };
  }

  async #ask({ name, timeoutMs, ask }: PriorSource, source: Dataset): Promise<PriorExam | null | 'no-answer'> {
    if ((this.#restsUntil.get(name) ?? 0) > this.#clock.now().getTime()) return 'no-answer';
    try {
      return await ask((archive) => findArchivedExam(archive, source), AbortSignal.timeout(timeoutMs));
    } catch (error) {
      this.#restsUntil.set(name, this.#clock.now().getTime() + REST_MS);
      const message = error instanceof Error ? error.message : String(error);
      this.#log('warn', 'priors-not-looked-up', { source: name, message, restSeconds: REST_MS / 1000 });
      return 'no-answer';
    }
  }
}
