import { readBareDataset } from '@pce/shared/dicom/bare-dataset';
import { writeSmallDataset } from '@pce/shared/dicom/small-dataset-writer';
import type { Association } from '@pce/shared/dimse/association';
import type { Peer } from '@pce/shared/dimse/association-options';
import { openAssociation } from '@pce/shared/dimse/scu';
import { reportEvent } from '@pce/shared/dimse/scu-operations';
import type { NormalizedReply, NormalizedRequest } from '@pce/shared/dimse/services';
import {
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  SOP_CLASS,
  STORAGE_COMMITMENT_INSTANCE,
} from '@pce/shared/dimse/sop-classes';
import { STATUS } from '@pce/shared/dimse/status';
import type { InstanceStore } from '@pce/shared/ports/instance-store';
import type { Ledger } from '@pce/shared/ports/ledger';
import {
  type CommitmentRequest,
  type CommitmentResult,
  commitmentReport,
  decideCommitment,
  readCommitmentRequest,
} from '../core/commitment.js';

/** Where a peer takes event reports when the association that asked is gone. */
export interface CommitmentPeer {
  aeTitle: string;
  host: string;
  port: number;
}

export interface StorageCommitmentOptions {
  store: Pick<InstanceStore, 'holds'>;
  ledger: Pick<Ledger, 'findInstances'>;
  peers: readonly CommitmentPeer[];
  report: (message: string) => void;
}

/** How long to wait for the peer to keep the asking association open. [design] Some release at once, some wait. */
const SAME_ASSOCIATION_MS = 50;
const REQUEST_STORAGE_COMMITMENT = 1;

/** Storage commitment as SCP: says what is held, on the association that asked or on a new one. Source: PS3.4 annex J. */
export class StorageCommitment {
  readonly #options: StorageCommitmentOptions;

  constructor(options: StorageCommitmentOptions) {
    this.#options = options;
  }

  /** N-ACTION: taken at once, reported later. */
  async requested(request: NormalizedRequest, association: Association): Promise<NormalizedReply> {
    if (request.sopClassUid !== SOP_CLASS.storageCommitmentPushModel) return { status: STATUS.noSuchSopClass };
    if (request.typeId !== REQUEST_STORAGE_COMMITMENT) return { status: STATUS.noSuchAction };
    const parsed = readCommitmentRequest(readBareDataset(request.dataset, request.context.transferSyntax));
    if (!parsed) return { status: STATUS.processingFailure, errorComment: 'Transaction UID or references missing' };
    return {
      status: STATUS.success,
      afterwards: () => {
        this.#decideAndReport(parsed, association).catch((error: Error) => this.#options.report(error.message));
      },
    };
  }

  async #decideAndReport(request: CommitmentRequest, association: Association): Promise<void> {
    const result = decideCommitment(request, await this.#heldClasses(request));
    await new Promise((resolve) => setTimeout(resolve, SAME_ASSOCIATION_MS));
    if (association.isOpen && (await this.#reportOn(association, result).catch(() => false))) return;
    await this.#reportOnNew(association.peer, result);
  }

  async #heldClasses(request: CommitmentRequest): Promise<Map<string, string[]>> {
    const classes = new Map<string, string[]>();
    for (const { sopInstanceUid } of request.references) {
      const held: string[] = [];
      for (const instance of await this.#options.ledger.findInstances(sopInstanceUid)) {
        if (await this.#options.store.holds(instance)) held.push(instance.sopClassUid);
      }
      classes.set(sopInstanceUid, held);
    }
    return classes;
  }

  async #reportOn(association: Association, result: CommitmentResult): Promise<boolean> {
    const { eventTypeId, dataset } = commitmentReport(result);
    const context = association.contextFor(SOP_CLASS.storageCommitmentPushModel, null);
    const reply = await reportEvent(association, {
      sopClassUid: SOP_CLASS.storageCommitmentPushModel,
      sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
      typeId: eventTypeId,
      dataset: writeSmallDataset(dataset, context.transferSyntax !== IMPLICIT_VR_LITTLE_ENDIAN),
    });
    return reply.status === STATUS.success;
  }

  async #reportOnNew(peer: Peer, result: CommitmentResult): Promise<void> {
    const target = this.#options.peers.find((candidate) => candidate.aeTitle === peer.callingAeTitle);
    if (!target) {
      this.#options.report(
        `Storage commitment for ${peer.callingAeTitle}: it closed the association; to report on a new one, add it to dicom.commitmentPeers.`,
      );
      return;
    }
    const association = await openAssociation({
      host: target.host,
      port: target.port,
      callingAeTitle: peer.calledAeTitle,
      calledAeTitle: target.aeTitle,
      contexts: [
        {
          abstractSyntax: SOP_CLASS.storageCommitmentPushModel,
          transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN],
        },
      ],
      // PS3.4 section J.3.3: who reports is SCP, though it opens the association.
      roles: [{ sopClassUid: SOP_CLASS.storageCommitmentPushModel, scu: false, scp: true }],
    });
    await this.#reportOn(association, result);
    await association.release();
  }
}
