import { CollectedDataset } from '@pce/shared/dimse/collected-dataset';
import { DEFAULT_PATIENCE } from '@pce/shared/dimse/peer-watchdog';
import { type Scp, startScp } from '@pce/shared/dimse/scp';
import type { StoreDecision, StoreRequest } from '@pce/shared/dimse/services';
import { isStorageSopClass, SOP_CLASS } from '@pce/shared/dimse/sop-classes';
import { STATUS } from '@pce/shared/dimse/status';
import { readReportDataset } from './read-report.js';
import { type DeliveredReport, lookUntil, type ReportSource } from './report-source.js';

/** A PACS of our own that takes everything and keeps the reports in mind. */
export class EmbeddedPacs implements ReportSource {
  readonly description = 'a receiver of its own (C-STORE)';
  readonly aeTitle = 'SELFTEST';
  readonly #reports: DeliveredReport[] = [];
  #scp: Scp | null = null;

  /** Listens on a free loopback port. */
  static async start(): Promise<EmbeddedPacs> {
    const pacs = new EmbeddedPacs();
    pacs.#scp = await startScp({
      host: '127.0.0.1',
      port: 0,
      maxAssociations: 10,
      maxPduLength: 262_144,
      patience: DEFAULT_PATIENCE,
      responseTimeoutMs: DEFAULT_PATIENCE.idleMs,
      asynchronousOperations: { maxInvoked: 1, maxPerformed: 1 },
      admit: () => ({
        kind: 'accept',
        contexts: (abstractSyntax) =>
          isStorageSopClass(abstractSyntax) || abstractSyntax === SOP_CLASS.verification
            ? { transferSyntaxes: 'any' }
            : null,
        services: { echo: () => ({ status: STATUS.success }), store: (request) => pacs.#take(request) },
      }),
    });
    return pacs;
  }

  get port(): number {
    return this.#scp?.port ?? 0;
  }

  waitFor(studyInstanceUid: string, patienceMs: number): Promise<DeliveredReport | null> {
    const isIt = ({ report }: DeliveredReport) => report.studyInstanceUid === studyInstanceUid;
    return lookUntil(patienceMs, async () => this.#reports.find(isIt) ?? null);
  }

  async close(): Promise<void> {
    await this.#scp?.close(0);
  }

  #take({ context }: StoreRequest): StoreDecision {
    const dataset = new CollectedDataset();
    const end = async () => {
      const report = readReportDataset(dataset.bytes(), context.transferSyntax);
      if (report) this.#reports.push({ at: Date.now(), report });
      return { status: STATUS.success };
    };
    return { kind: 'take', sink: { write: (bytes) => dataset.write(bytes), end, discard: () => {} } };
  }
}
