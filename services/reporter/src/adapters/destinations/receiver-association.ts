import type { Association } from '@pce/shared/dimse/association';
import { type ContextProposal, openAssociation } from '@pce/shared/dimse/scu';
import type { ClientTls } from '../../config-schema.js';
import { readTls } from '../read-tls.js';

/** A DICOM receiver, and how long it may take to answer. */
export interface ReceiverAddress {
  host: string;
  port: number;
  aeTitle: string;
  callingAeTitle: string;
  tls?: ClientTls | undefined;
  timeoutMs: number;
}

/** How long a receiver may take to agree to the end of an association. [design] Everything is acknowledged by then. */
const RELEASE_MS = 5000;

/** Opens an association to a receiver. Its errors are those of `openAssociation`. */
export async function connectTo(
  settings: ReceiverAddress,
  contexts: readonly ContextProposal[],
  more: Partial<Parameters<typeof openAssociation>[0]> = {},
): Promise<Association> {
  const { host, port, aeTitle, callingAeTitle, tls, timeoutMs } = settings;
  return openAssociation({
    host,
    port,
    ...(tls ? { tls: await readTls(tls) } : {}),
    callingAeTitle,
    calledAeTitle: aeTitle,
    contexts,
    connectTimeoutMs: Math.min(timeoutMs, 10_000),
    responseTimeoutMs: timeoutMs,
    patience: { artimMs: timeoutMs, stallMs: timeoutMs, idleMs: timeoutMs * 2 },
    ...more,
  });
}

/** Ends an association whose work is done, in order if the receiver agrees in time. */
export async function endInOrder(association: Association): Promise<void> {
  if (!association.isOpen) return;
  const timer = setTimeout(() => association.abort('no answer to our release'), RELEASE_MS);
  await association.release().catch(() => {});
  clearTimeout(timer);
}
