import { setTimeout as rest } from 'node:timers/promises';
import type { StoredInstance } from '@pce/shared/contracts/stored-instance';
import type { Dataset } from '@pce/shared/dicom/dataset';
import type { Clock } from '@pce/shared/ports/clock';
import type {
  AnalysisReason,
  AnalysisRequest,
  Ledger,
  LedgerInstance,
  ReceivedInstance,
} from '@pce/shared/ports/ledger';
import { routingFacts } from '../core/routing-facts.js';
import { explainRules, type RoutingDecision, type RoutingRules } from '../core/routing-rules.js';
import { instanceSetDigest, isGapless, type QuietPeriods, quietMs, reasonFor } from '../core/study-readiness.js';

export interface StudyWatchOptions {
  ledger: Ledger;
  clock: Clock;
  rules: RoutingRules;
  periods: QuietPeriods;
  /** The attributes of an instance that came earlier, or null when they cannot be had. */
  headerOf: (instance: LedgerInstance) => Promise<Dataset | null>;
  /** A study is in the ledger as pending: look there. */
  analysisRequested: (request: AnalysisRequest) => void;
  /** How long it waits before it asks a ledger again that did not answer. @default 5 seconds */
  againMs?: number;
  /** What was to be done for a study, or for all (null), is put off: the ledger or the store did not answer. */
  failed: (studyInstanceUid: string | null, error: Error) => void;
}

interface WatchedStudy {
  timer: NodeJS.Timeout | null;
  dueAt: number;
  /** Senders whose associations are still bringing images. */
  senders: Set<string>;
  priority: number;
  destinations: Set<string>;
}

/** Series whose routing is remembered. [design] */
const MAX_DECISIONS = 1000;
/** A ledger that is away is asked again after so long. [design] */
const AGAIN_MS = 5000;
/** After a start, what stays out of reach is looked at ever more rarely, and at least so often. [design] */
const LONGEST_AGAIN_MS = 3_600_000;

type Analyse = Extract<RoutingDecision, { action: 'analyse' }>;

/**
 * Decides when a study is asked to be analysed: as images arrive, after a quiet period, when the association that
 * brought a gapless series ends, or on demand. Forgets nothing that matters: after a restart `resume` finds in the
 * ledger what was not asked for yet.
 */
export class StudyWatch {
  readonly #options: StudyWatchOptions;
  readonly #studies = new Map<string, WatchedStudy>();
  readonly #decisions = new Map<string, RoutingDecision>();
  #underWay: Promise<unknown> = Promise.resolve();
  readonly #ending = new AbortController();

  constructor(options: StudyWatchOptions) {
    this.#options = options;
  }

  /** An instance is safe. */
  received(instance: ReceivedInstance, dataset: Dataset): void {
    const decision = this.#decide(instance.seriesInstanceUid, dataset);
    if (decision.action !== 'analyse') return;
    if (instance.source.door === 'dimse') this.#watched(instance.studyInstanceUid).senders.add(instance.source.sender);
    this.#expect(instance, decision);
  }

  /** A sender has nothing more to send for now. */
  associationEnded(sender: string): void {
    for (const [studyInstanceUid, study] of this.#studies) {
      if (study.senders.delete(sender) && study.senders.size === 0) {
        this.#enqueue(studyInstanceUid, () => this.#askIfGapless(studyInstanceUid));
      }
    }
  }

  /** Asks at once, whatever is missing. False when nothing is held of the study, or this very set was asked for. */
  async force(studyInstanceUid: string): Promise<boolean> {
    return this.#ask(studyInstanceUid, 'forced');
  }

  /**
   * After a start: waits once more for what came before and was not asked for, of what the rules say to analyse. Looks
   * at one image of each series, and again later at what cannot be looked at now.
   */
  async resume(): Promise<void> {
    const { againMs = AGAIN_MS } = this.#options;
    for (let restMs = againMs; !(await this.#resumeAll()); restMs = Math.min(2 * restMs, LONGEST_AGAIN_MS)) {
      await rest(restMs, undefined, { signal: this.#ending.signal }).catch(() => {});
    }
  }

  /** Stops waiting, and finishes what has begun. */
  async stop(): Promise<void> {
    this.#ending.abort();
    for (const { timer } of this.#studies.values()) if (timer) clearTimeout(timer);
    this.#studies.clear();
    await this.#underWay;
  }

  get #isStopped(): boolean {
    return this.#ending.signal.aborted;
  }

  /** False when something could not be looked at. */
  async #resumeAll(): Promise<boolean> {
    let isWhole = true;
    const failed = (study: string | null, error: Error) => {
      isWhole = false;
      this.#options.failed(study, error);
    };
    try {
      for (const studyInstanceUid of await this.#options.ledger.studiesWithoutAnalysis()) {
        if (this.#isStopped) break;
        await this.#resumeStudy(studyInstanceUid).catch((error: Error) => failed(studyInstanceUid, error));
      }
    } catch (error) {
      failed(null, error as Error);
    }
    return isWhole || this.#isStopped;
  }

  async #resumeStudy(studyInstanceUid: string): Promise<void> {
    const seen = new Set<string>();
    for (const image of imagesOf(await this.#options.ledger.instancesOfStudy(studyInstanceUid))) {
      if (seen.has(image.seriesInstanceUid)) continue;
      seen.add(image.seriesInstanceUid);
      const header = await this.#options.headerOf(image);
      const decision = header && this.#decide(image.seriesInstanceUid, header);
      if (decision?.action === 'analyse' && !this.#isStopped) this.#expect(image, decision);
    }
  }

  /** The images of a series are of one kind: the first one decides, for as long as it is remembered. */
  #decide(seriesInstanceUid: string, dataset: Dataset): RoutingDecision {
    const known = this.#decisions.get(seriesInstanceUid);
    if (known) return known;
    const { decision } = explainRules(this.#options.rules, routingFacts(dataset));
    if (this.#decisions.size >= MAX_DECISIONS) this.#decisions.clear();
    this.#decisions.set(seriesInstanceUid, decision);
    return decision;
  }

  #expect(instance: StoredInstance, decision: Analyse): void {
    const study = this.#watched(instance.studyInstanceUid);
    study.priority = Math.max(study.priority, decision.priority);
    for (const destination of decision.destinations) study.destinations.add(destination);
    this.#wait(instance.studyInstanceUid, study, quietMs(this.#options.periods, instance.modality));
  }

  #watched(studyInstanceUid: string): WatchedStudy {
    const known = this.#studies.get(studyInstanceUid);
    if (known) return known;
    const study: WatchedStudy = { timer: null, dueAt: 0, senders: new Set(), priority: 0, destinations: new Set() };
    this.#studies.set(studyInstanceUid, study);
    return study;
  }

  /** One timer a study: thousands of images move its time, not the timer. */
  #wait(studyInstanceUid: string, study: WatchedStudy, delayMs: number): void {
    study.dueAt = performance.now() + delayMs;
    if (study.timer && delayMs > 0) return;
    if (study.timer) clearTimeout(study.timer);
    study.timer = setTimeout(() => {
      study.timer = null;
      const leftMs = study.dueAt - performance.now();
      if (leftMs > 1) this.#wait(studyInstanceUid, study, leftMs);
      else
        this.#enqueue(studyInstanceUid, () => this.#ask(studyInstanceUid, delayMs === 0 ? 'image-arrived' : 'quiet'));
    }, delayMs);
  }

  #enqueue(studyInstanceUid: string, work: () => Promise<unknown>): void {
    this.#underWay = this.#underWay.then(work).catch((error: Error) => {
      this.#options.failed(studyInstanceUid, error);
      // Nothing else would ask for a study whose last image is here.
      const study = this.#watched(studyInstanceUid);
      if (!study.timer && !this.#isStopped) this.#wait(studyInstanceUid, study, this.#options.againMs ?? AGAIN_MS);
    });
  }

  async #askIfGapless(studyInstanceUid: string): Promise<void> {
    const images = imagesOf(await this.#options.ledger.instancesOfStudy(studyInstanceUid));
    const seriesUids = new Set(
      images.filter(({ modality }) => modality === 'CT').map((image) => image.seriesInstanceUid),
    );
    const isWhole = (uid: string) => isGapless(images.filter((image) => image.seriesInstanceUid === uid));
    if ([...seriesUids].some(isWhole)) await this.#ask(studyInstanceUid, 'series-complete');
  }

  async #ask(studyInstanceUid: string, trigger: AnalysisReason): Promise<boolean> {
    const { ledger, clock, analysisRequested } = this.#options;
    const images = imagesOf(await ledger.instancesOfStudy(studyInstanceUid));
    if (images.length === 0) return false;
    const earlier = await ledger.analysesOfStudy(studyInstanceUid);
    const study = this.#studies.get(studyInstanceUid);
    const reason = reasonFor(trigger, earlier.length > 0);
    const request: AnalysisRequest = {
      studyInstanceUid,
      instanceSetDigest: instanceSetDigest(images),
      reason,
      priority: study?.priority ?? 0,
      destinations: [...(study?.destinations ?? [])],
      requestedAt: clock.now(),
    };
    const isNew = await ledger.requestAnalysis(request);
    if (study && !study.timer && study.senders.size === 0) this.#studies.delete(studyInstanceUid);
    if (isNew) analysisRequested(request);
    return isNew;
  }
}

function imagesOf(instances: readonly LedgerInstance[]): LedgerInstance[] {
  return instances.filter((instance) => !instance.isOwnResult);
}
