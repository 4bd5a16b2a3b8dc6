import type { Dataset } from '@pce/shared/dicom/dataset';
import { part10Header } from '@pce/shared/dicom/part10-header';
import { type InstanceIdentity, identifyInstance } from '@pce/shared/dicom/query-identity';
import type { Clock } from '@pce/shared/ports/clock';
import { type InstanceStore, type InstanceWriter, StoreFullError } from '@pce/shared/ports/instance-store';
import type { InstanceSource, Ledger, ReceivedInstance } from '@pce/shared/ports/ledger';

/** What came of receiving an instance. Success is only what cannot be lost any more: 'stored' and 'identical'. */
export type ReceiveOutcome =
  | { kind: 'stored' | 'identical'; instance: ReceivedInstance }
  /** Stored beside another instance with the same UID and other bytes. */
  | { kind: 'conflicting'; instance: ReceivedInstance }
  | { kind: 'unreadable'; message: string }
  /** The data set is not what the sender announced. */
  | { kind: 'mismatch'; message: string }
  | { kind: 'store-full'; message: string }
  | { kind: 'failed'; message: string };

/** What the sender says the data set is. */
export interface AnnouncedInstance {
  sopClassUid: string;
  sopInstanceUid: string;
  transferSyntaxUid: string;
  source: InstanceSource;
}

/** Ports and names that receiving needs. */
export interface ReceiverContext {
  store: InstanceStore;
  ledger: Ledger;
  clock: Clock;
  implementationClassUid: string;
  /** Whether the instance was made by this software (loop guard). */
  isOwnResult: (dataset: Dataset, identity: InstanceIdentity) => boolean;
  /** Told of every instance that is safe, before the sender is; it must be quick and not throw. */
  received: (instance: ReceivedInstance, dataset: Dataset, outcome: 'stored' | 'identical' | 'conflicting') => void;
}

/** The header is first looked for in this many bytes, then in twice as many, and so on. [design] */
const FIRST_LOOK_BYTES = 32 * 1024;
/** Largest header, and largest instance without pixel data. [design] Encapsulated documents have a few megabytes. */
const LAST_LOOK_BYTES = 32 * 1024 * 1024;

/** One instance on its way in: data set bytes to a durable file and a ledger row. */
export class InstanceReceiver {
  readonly #context: ReceiverContext;
  readonly #announced: AnnouncedInstance;
  readonly #writer: InstanceWriter;
  #prefix: Uint8Array[] = [];
  #prefixBytes = 0;
  #nextLookBytes = FIRST_LOOK_BYTES;
  #identified: { identity: InstanceIdentity; dataset: Dataset } | null = null;
  #unreadable: string | null = null;

  constructor(context: ReceiverContext, announced: AnnouncedInstance) {
    this.#context = context;
    this.#announced = announced;
    this.#writer = context.store.begin();
    void this.#take(part10Header({ ...announced, implementationClassUid: context.implementationClassUid }));
  }

  /** Takes the next bytes of the data set. A promise asks to wait; it never rejects. */
  write(bytes: Uint8Array): void | Promise<void> {
    return this.#take(bytes);
  }

  /** Nothing of it may stay. */
  discard(): Promise<void> {
    return this.#writer.discard();
  }

  /** Everything has come. Never throws: what goes wrong is an outcome, and then nothing is kept. */
  async end(): Promise<ReceiveOutcome> {
    try {
      const refusal = this.#refusal();
      if (refusal) {
        await this.#writer.discard();
        return refusal;
      }
      return await this.#keep();
    } catch (error) {
      await this.#writer.discard().catch(() => {});
      const message = error instanceof Error ? error.message : String(error);
      return { kind: error instanceof StoreFullError ? 'store-full' : 'failed', message };
    }
  }

  #take(bytes: Uint8Array): void | Promise<void> {
    if (!this.#identified && this.#prefixBytes <= LAST_LOOK_BYTES) {
      this.#prefix.push(bytes);
      this.#prefixBytes += bytes.length;
      if (this.#prefixBytes >= this.#nextLookBytes) this.#look(false);
    }
    return this.#writer.write(bytes);
  }

  #look(isWhole: boolean): void {
    const prefix = this.#prefix.length === 1 ? (this.#prefix[0] as Uint8Array) : Buffer.concat(this.#prefix);
    const identification = identifyInstance(prefix, isWhole);
    this.#nextLookBytes = this.#prefixBytes * 2;
    if (identification.kind === 'needs-more') {
      this.#prefix = [prefix];
      return;
    }
    this.#prefix = [];
    if (identification.kind === 'identified') this.#identified = identification;
    else this.#unreadable = identification.message;
    if (this.#unreadable !== null) this.#prefixBytes = Number.POSITIVE_INFINITY;
  }

  #refusal(): ReceiveOutcome | null {
    if (!this.#identified && this.#unreadable === null) {
      if (this.#prefixBytes > LAST_LOOK_BYTES) {
        this.#unreadable = `header: expected to end within ${LAST_LOOK_BYTES} bytes; received a longer one`;
      } else this.#look(true);
    }
    if (!this.#identified) return { kind: 'unreadable', message: this.#unreadable ?? 'not a data set' };
    const { identity } = this.#identified;
    for (const key of ['sopInstanceUid', 'sopClassUid'] as const) {
      if (identity[key] === this.#announced[key]) continue;
      return { kind: 'mismatch', message: `${key}: announced ${this.#announced[key]}, data set has ${identity[key]}` };
    }
    return null;
  }

  async #keep(): Promise<ReceiveOutcome> {
    const { identity, dataset } = this.#identified as { identity: InstanceIdentity; dataset: Dataset };
    const { ledger, clock, isOwnResult, received } = this.#context;
    const written = await this.#writer.commit(identity);
    const instance: ReceivedInstance = {
      ...identity,
      ...written,
      transferSyntaxUid: this.#announced.transferSyntaxUid,
      source: this.#announced.source,
      receivedAt: clock.now(),
      isOwnResult: isOwnResult(dataset, identity),
    };
    // When this fails it is not acknowledged. The file stays: it may be that of an earlier, recorded arrival.
    const outcome = await ledger.recordInstance(instance);
    const kind = outcome === 'new' ? 'stored' : outcome;
    received(instance, dataset, kind);
    return { kind, instance };
  }
}
