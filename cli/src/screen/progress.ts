import cliProgress from 'cli-progress';
import type { ScanProgress } from './index-studies.js';
import { inWords, paceInWords, paceOf } from './time-left.js';

/** What a run tells while it goes. */
export interface StudyProgress {
  readonly done: number;
  readonly total: number;
  readonly present: number;
  readonly problems: number;
  /** Of those done: taken over from the run before. @default 0 */
  readonly reused?: number;
}

export interface ProgressView {
  scanning(progress: ScanProgress): void;
  scanned(progress: ScanProgress): void;
  studies(progress: StudyProgress): void;
  /** A sentence of its own line, such as "Stopping". */
  note(text: string): void;
  close(): void;
}

/** Lines are not written more often than this, except the last. */
const LINE_INTERVAL_MS = 2000;
const REDRAW_INTERVAL_MS = 100;

/** A bar on a terminal, plain lines elsewhere. Both go to `stream`, normally standard error. */
export function createProgressView(stream: NodeJS.WriteStream, now: () => number = Date.now): ProgressView {
  return stream.isTTY ? new ProgressBar(stream, now) : new ProgressLines(stream, now);
}

class ProgressLines implements ProgressView {
  #startedAt: number | null = null;
  #lastLineAt: number;
  constructor(
    readonly stream: NodeJS.WritableStream,
    readonly now: () => number,
  ) {
    this.#lastLineAt = now();
  }

  scanning(progress: ScanProgress): void {
    if (!this.#isTime()) return;
    this.note(scanText('Reading headers', progress));
  }

  scanned(progress: ScanProgress): void {
    this.note(scanText('Found', progress));
    this.#startedAt = this.now();
  }

  studies(progress: StudyProgress): void {
    const isLast = progress.done === progress.total;
    if (!isLast && !this.#isTime()) return;
    const seconds = (this.now() - (this.#startedAt ?? this.now())) / 1000;
    this.note(`${progress.done}/${progress.total} studies, ${countsText(progress)}${paceText(progress, seconds)}`);
  }

  note(text: string): void {
    this.stream.write(`${text}\n`);
  }

  close(): void {}

  #isTime(): boolean {
    if (this.now() - this.#lastLineAt < LINE_INTERVAL_MS) return false;
    this.#lastLineAt = this.now();
    return true;
  }
}

class ProgressBar implements ProgressView {
  #bar: cliProgress.SingleBar | null = null;
  #startedAt = 0;
  #lastDrawnAt = Number.NEGATIVE_INFINITY;
  constructor(
    readonly stream: NodeJS.WriteStream,
    readonly now: () => number,
  ) {}

  scanning(progress: ScanProgress): void {
    if (this.now() - this.#lastDrawnAt < REDRAW_INTERVAL_MS) return;
    this.#lastDrawnAt = this.now();
    this.stream.write(`\r\x1b[2K${scanText('Reading headers', progress)}`);
  }

  scanned(progress: ScanProgress): void {
    this.stream.write(`\r\x1b[2K${scanText('Found', progress)}\n`);
    this.#startedAt = this.now();
    if (progress.studies === 0) return;
    const format = '{bar} {percentage}% | {value}/{total} studies | {text}';
    const options = { stream: this.stream, format, hideCursor: true, clearOnComplete: false, gracefulExit: false };
    this.#bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
    this.#bar.start(progress.studies, 0, { text: 'starting' });
  }

  studies(progress: StudyProgress): void {
    const seconds = (this.now() - this.#startedAt) / 1000;
    this.#bar?.update(progress.done, { text: `${countsText(progress)}${paceText(progress, seconds)}` });
  }

  note(text: string): void {
    this.stream.write(`${this.#bar ? '\n' : ''}${text}\n`);
  }

  close(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}

function scanText(verb: string, { inputs, instances, studies }: ScanProgress): string {
  return `${verb}: ${inputs} files, ${instances} DICOM instances, ${studies} studies`;
}

function countsText({ present, problems }: StudyProgress): string {
  return `${present} present, ${problems} with problems`;
}

function paceText(progress: StudyProgress, seconds: number): string {
  const { done, total, reused = 0 } = progress;
  const pace = paceOf(done - reused, total - reused, seconds);
  if (pace.secondsLeft === null) return '';
  const left = done === total ? '' : `, about ${inWords(pace.secondsLeft)} left`;
  return `, ${paceInWords(pace.perMinute)}${left}`;
}
