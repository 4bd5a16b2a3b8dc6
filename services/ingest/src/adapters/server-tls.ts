import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { TLS_PROFILE } from '@pce/shared/dimse/tls-profile';
import type { Log } from '@pce/shared/ports/log';
import type { ServerTls } from '../config-schema.js';

/** How often certificate files are looked at. [design] A renewed one is in use long before the old one ends. */
const LOOK_EVERY_MS = 5000;

/** A server whose certificate can be exchanged while it runs; connections that are open stay. */
export interface RenewableServer {
  setSecureContext(options: TlsOptions): void;
}

/** Reads the certificates of a server. */
export async function readServerTls(files: ServerTls): Promise<TlsOptions> {
  return {
    ...TLS_PROFILE,
    cert: await readFile(files.certificateFile),
    key: await readFile(files.keyFile),
    ...(files.caFile ? { ca: await readFile(files.caFile) } : {}),
    requestCert: files.requireClientCertificate,
    rejectUnauthorized: files.requireClientCertificate,
  };
}

export interface CertificateWatchOptions {
  readonly server: RenewableServer;
  readonly files: ServerTls;
  /** What the server is for, in log lines. */
  readonly name: 'dicom' | 'web';
  readonly now: () => Date;
  readonly log: Log;
}

/**
 * Gives a server its certificate anew whenever a file changes, or at once on SIGHUP. What cannot be used is refused: the
 * server goes on with what it had, and the log says why.
 *
 * @returns ends it
 */
export async function watchCertificates(options: CertificateWatchOptions): Promise<() => void> {
  const { server, files, name, now, log } = options;
  let seen = await fingerprintOf(files);
  const look = async () => {
    const current = await fingerprintOf(files);
    if (current === seen) return;
    seen = current;
    try {
      const tls = await readServerTls(files);
      const certificate = checkUsable(tls, now());
      server.setSecureContext(tls);
      log('info', 'certificate-renewed', { server: name, validTo: new Date(certificate.validTo).toISOString() });
    } catch (error) {
      log('error', 'certificate-refused', { server: name, message: (error as Error).message });
    }
  };
  let looking: Promise<void> = Promise.resolve();
  const lookNext = () => {
    looking = looking.then(look);
  };
  const timer = setInterval(lookNext, LOOK_EVERY_MS).unref();
  process.on('SIGHUP', lookNext);
  return () => {
    clearInterval(timer);
    process.off('SIGHUP', lookNext);
  };
}

/** Changes when any of the files does, or is replaced, or is gone. */
async function fingerprintOf({ certificateFile, keyFile, caFile }: ServerTls): Promise<string> {
  const paths = [certificateFile, keyFile, ...(caFile ? [caFile] : [])];
  const states = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => null);
      return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : 'none';
    }),
  );
  return states.join(', ');
}

/** @throws Error when the certificate is none, is not for the key, or holds at another time than now */
function checkUsable(tls: TlsOptions, now: Date): X509Certificate {
  createSecureContext(tls);
  const certificate = new X509Certificate(tls.cert as Buffer);
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (now < from || now > to) {
    const span = `${from.toISOString()} to ${to.toISOString()}`;
    throw new Error(`the certificate: expected one that holds now; received one that holds from ${span}`);
  }
  return certificate;
}
