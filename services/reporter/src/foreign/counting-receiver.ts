import { createHash } from 'node:crypto';
import { type Scp, startScp } from '@pce/shared/dimse/scp';
import type { StoreRequest } from '@pce/shared/dimse/services';

/** What a receiver got: how often each object came, and the digests of what came under its UID. */
export interface Received {
  /** SOP Instance UIDs in the order of their first arrival. */
  order: string[];
  counts: Map<string, number>;
  digests: Map<string, Set<string>>;
}

/** A receiver that counts, and does what a test asks of it. */
export interface CountingReceiver extends Received {
  scp: Scp;
  port: number;
}

export interface ReceiverBehaviour {
  port?: number;
  /** Whether it takes a SOP class; asked for each association. */
  takesClass?: (sopClassUid: string) => boolean;
  /** Status it answers the n-th object with. @default success */
  status?: (count: number, request: StoreRequest) => number | Promise<number>;
}

/** Starts a C-STORE receiver on a loopback port. Objects it answers with a failure are not counted as received. */
export async function startCountingReceiver(behaviour: ReceiverBehaviour = {}): Promise<CountingReceiver> {
  const received: Received = { order: [], counts: new Map(), digests: new Map() };
  let asked = 0;
  const scp = await startScp({
    host: '127.0.0.1',
    port: behaviour.port ?? 0,
    maxAssociations: 20,
    maxPduLength: 65_536,
    patience: { artimMs: 5000, stallMs: 5000, idleMs: 30_000 },
    responseTimeoutMs: 5000,
    asynchronousOperations: { maxInvoked: 1, maxPerformed: 1 },
    admit: () => ({
      kind: 'accept',
      contexts: (sopClassUid) => (behaviour.takesClass?.(sopClassUid) === false ? null : { transferSyntaxes: 'any' }),
      services: {
        store: (request) => {
          const hash = createHash('sha256');
          return {
            kind: 'take',
            sink: {
              write: (bytes) => void hash.update(bytes),
              discard: () => {},
              end: async () => {
                asked += 1;
                const status = (await behaviour.status?.(asked, request)) ?? 0;
                if (status < 0xa000 || status >= 0xb000) note(received, request.sopInstanceUid, hash.digest('hex'));
                return { status };
              },
            },
          };
        },
      },
    }),
  });
  return { ...received, scp, port: scp.port };
}

function note({ order, counts, digests }: Received, uid: string, digest: string): void {
  if (!counts.has(uid)) order.push(uid);
  counts.set(uid, (counts.get(uid) ?? 0) + 1);
  digests.set(uid, (digests.get(uid) ?? new Set()).add(digest));
}
