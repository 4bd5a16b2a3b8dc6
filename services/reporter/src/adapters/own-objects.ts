import { identifyInstance } from '@pce/shared/dicom/query-identity';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '@pce/shared/dimse/sop-classes';
import type { Clock } from '@pce/shared/ports/clock';
import type { ReportedObject } from '@pce/shared/ports/delivery-ledger';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { Ledger, LedgerInstance } from '@pce/shared/ports/ledger';
import type { ReportObject } from '../core/report-object.js';

export interface OwnObjectsOptions {
  store: InstanceStore;
  ledger: Ledger;
  clock: Clock;
  /** Name of this installation, kept with what it made. */
  maker: string;
}

/** An object of ours that should be in the store is not. */
export class ObjectGoneError extends Error {
  override readonly name = 'ObjectGoneError';
  constructor(readonly sopInstanceUid: string) {
    super(`Object ${sopInstanceUid}: expected in the instance store; it is gone`);
  }
}

/** What we made, in the instance store: written once, and then only ever read. */
export class OwnObjects {
  readonly #options: OwnObjectsOptions;

  constructor(options: OwnObjectsOptions) {
    this.#options = options;
  }

  /** Stores an object for good. What is stored under its UID already stays: one UID never names two contents. */
  async keep(object: ReportObject): Promise<void> {
    if ((await this.#find(object.sopInstanceUid)) !== null) return;
    const { store, ledger, clock, maker } = this.#options;
    const identification = identifyInstance(object.bytes, true);
    if (identification.kind !== 'identified') throw new Error(`${object.kind}: expected a readable object of our own`);
    const writer = store.begin();
    await writer.write(object.bytes);
    const written = await writer.commit(object);
    await ledger.recordInstance({
      ...identification.identity,
      ...written,
      transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN,
      source: { door: 'reporter', sender: maker },
      receivedAt: clock.now(),
      isOwnResult: true,
    });
  }

  /** @throws ObjectGoneError */
  async read({ sopInstanceUid }: Pick<ReportedObject, 'sopInstanceUid'>): Promise<Uint8Array> {
    const held = await this.#find(sopInstanceUid);
    if (held === null) throw new ObjectGoneError(sopInstanceUid);
    return this.#options.store.read(held);
  }

  /** Ours, not a copy that a receiver changed and that came back. */
  async #find(sopInstanceUid: string): Promise<LedgerInstance | null> {
    const held = await this.#options.ledger.findInstances(sopInstanceUid);
    return held.find(({ source }) => source.door === 'reporter') ?? null;
  }
}
