import { readdir } from 'node:fs/promises';
import { findStudies, openPull, type PullSource, retrieve } from '@pce/ingest/adapters/pull-dimse';
import type { Association } from '@pce/shared/dimse/association';
import { DEFAULT_PATIENCE } from '@pce/shared/dimse/peer-watchdog';
import { type Scp, startScp } from '@pce/shared/dimse/scp';
import type { StoreRequest } from '@pce/shared/dimse/services';
import { isStorageSopClass, SOP_CLASS } from '@pce/shared/dimse/sop-classes';
import type { Archive, Retrieval } from './archive.js';
import { storeToFolder } from './store-to-folder.js';

/** Where and how to reach the PACS. */
export interface DimsePeer {
  readonly host: string;
  readonly port: number;
  readonly aeTitle: string;
  readonly ownAeTitle: string;
  /** Receives by C-MOVE on this port; null receives by C-GET. */
  readonly ownPort: number | null;
}

/** Out of Resources: nobody waits for what comes. Source: PS3.4 table B.2-1. */
const NOT_WANTED = 0xa700;
const RESPONSE_TIMEOUT_MS = 120_000;
/** Associations a PACS may open to us at a time. [design] */
const MAX_ASSOCIATIONS = 8;
const MAX_PDU_BYTES = 256 * 1024;

/** An archive reached by C-FIND and C-GET, or C-MOVE to an SCP of our own. One study at a time. */
export async function dimseArchive(peer: DimsePeer): Promise<Archive> {
  let folder: string | null = null;
  const store = (request: StoreRequest) =>
    folder === null ? ({ kind: 'refuse', status: NOT_WANTED } as const) : storeToFolder(request, folder);
  const scp = peer.ownPort === null ? null : await receiveOn(peer.ownPort, store);
  const source: PullSource = { ...peer, method: scp === null ? 'get' : 'move' };
  const onAssociation = async <T>(use: (association: Association) => Promise<T>): Promise<T> => {
    const association = await openPull(source, store);
    try {
      return await use(association);
    } finally {
      if (association.isOpen) await association.release().catch(() => undefined);
    }
  };
  return {
    find: (query) => onAssociation((association) => findStudies(association, query)),
    retrieve: async (studyInstanceUid, into) => {
      folder = into;
      try {
        const retrieval = await onAssociation((association) => retrieve(association, source, studyInstanceUid));
        return await withoutMissing(retrieval, into);
      } finally {
        folder = null;
      }
    },
    answers: () => onAssociation(async () => true).catch(() => false),
    close: async () => scp?.close(0),
  };
}

/** The PACS may say it has sent what never came. */
async function withoutMissing({ completed, failed, status }: Retrieval, folder: string): Promise<Retrieval> {
  const arrived = (await readdir(folder)).length;
  return { completed: arrived, failed: failed + Math.max(0, completed - arrived), status };
}

function receiveOn(port: number, store: (request: StoreRequest) => ReturnType<typeof storeToFolder>): Promise<Scp> {
  return startScp({
    host: '0.0.0.0',
    port,
    maxAssociations: MAX_ASSOCIATIONS,
    maxPduLength: MAX_PDU_BYTES,
    patience: DEFAULT_PATIENCE,
    responseTimeoutMs: RESPONSE_TIMEOUT_MS,
    asynchronousOperations: { maxInvoked: 1, maxPerformed: 1 },
    admit: () => ({
      kind: 'accept',
      contexts: (abstractSyntax) =>
        abstractSyntax === SOP_CLASS.verification || isStorageSopClass(abstractSyntax)
          ? { transferSyntaxes: 'any' }
          : null,
      services: { echo: () => ({ status: 0 }), store },
    }),
  });
}
