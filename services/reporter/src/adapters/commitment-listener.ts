import { type Scp, startScp } from '@pce/shared/dimse/scp';
import type { NormalizedReply, NormalizedRequest } from '@pce/shared/dimse/services';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, SOP_CLASS } from '@pce/shared/dimse/sop-classes';
import { STATUS } from '@pce/shared/dimse/status';
import type { Log } from '@pce/shared/ports/log';

/** Receivers that may report at the same time. [design] */
const MAX_ASSOCIATIONS = 10;
const PATIENCE_MS = 30_000;
const PLAIN = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];

/**
 * A DICOM server that takes reports of storage commitment, and nothing else. Anyone may call: a report is only
 * believed for a transaction we opened, whose UID nobody can guess.
 */
export function startCommitmentListener(
  { host, port }: { host: string; port: number },
  eventReport: (request: NormalizedRequest) => Promise<NormalizedReply>,
  log: Log,
): Promise<Scp> {
  return startScp({
    host,
    port,
    maxAssociations: MAX_ASSOCIATIONS,
    maxPduLength: 65_536,
    patience: { artimMs: PATIENCE_MS, stallMs: PATIENCE_MS, idleMs: PATIENCE_MS },
    responseTimeoutMs: PATIENCE_MS,
    asynchronousOperations: { maxInvoked: 1, maxPerformed: 1 },
    admit: () => ({
      kind: 'accept',
      contexts: (abstractSyntax) => {
        if (abstractSyntax === SOP_CLASS.verification) return { transferSyntaxes: PLAIN };
        const isCommitment = abstractSyntax === SOP_CLASS.storageCommitmentPushModel;
        return isCommitment ? { transferSyntaxes: PLAIN, mayBeScp: true } : null;
      },
      services: { echo: () => ({ status: STATUS.success }), eventReport },
    }),
    connectionFailed: (address, error) => log('warn', 'connection-failed', { address, message: error.message }),
  });
}
