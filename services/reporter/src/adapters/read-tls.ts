import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { TLS_PROFILE } from '@pce/shared/dimse/tls-profile';
import type { ClientTls } from '../config-schema.js';

/** Reads the certificates of a connection we open. Without settings there is no TLS of our own making. */
export async function readTls(tls: ClientTls | undefined): Promise<ConnectionOptions> {
  if (!tls) return {};
  return {
    ...TLS_PROFILE,
    ...(tls.caFile ? { ca: await readFile(tls.caFile) } : {}),
    ...(tls.certificateFile ? { cert: await readFile(tls.certificateFile) } : {}),
    ...(tls.keyFile ? { key: await readFile(tls.keyFile) } : {}),
    ...(tls.serverName ? { servername: tls.serverName } : {}),
  };
}
