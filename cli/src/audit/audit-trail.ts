import { readFile, rename } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { LockHeldError } from '@pce/shared/adapters/exclusive-lock';
import type { Log } from '@pce/shared/ports/log';
import type { AuditSettings } from './audit-config.js';
import { AuditLog, AuditLogBrokenError } from './audit-log.js';
import type { AuditRecord, AuditSink } from './audit-record.js';
import { stoppedRecord } from './own-records.js';
import { Spool } from './spool.js';
import { SyslogSink } from './syslog-sink.js';
import { Tally } from './tally.js';

/** Everybody's way to the audit: never throws, never waits. */
export interface AuditTrail {
  record(record: AuditRecord): void;
  /** For what comes by the hundred: the same within some seconds is one record. */
  sum(record: AuditRecord): void;
  close(): Promise<void>;
}

export interface AuditTrailOptions {
  readonly settings: AuditSettings;
  /** AE title. */
  readonly name: string;
  readonly dataFolder: string;
  /** Several processes may share the data folder: each has a log of its own. */
  readonly isShared: boolean;
  readonly patientIdOf: (studyInstanceUid: string) => Promise<string | null>;
  readonly now: () => Date;
  readonly log: Log;
}

/** Processes of one machine that may share a folder. [design] */
const MOST_LOGS = 64;
/** What says the same within this time is one line. [design] */
const SUM_MS = 5000;

/** Opens the log on this machine and, where configured, the way to the audit repository. */
export async function openAuditTrail(options: AuditTrailOptions): Promise<AuditTrail> {
  const { dataFolder, isShared, log, now } = options;
  const { auditLog, path, movedTo } = await openLog(join(dataFolder, 'audit'), isShared, log);
  const sinks: AuditSink[] = [auditLog];
  const pending = new Set<Promise<unknown>>();
  const record = (entry: AuditRecord): void => {
    for (const sink of sinks) {
      const done = sink
        .record(entry)
        .catch((error: Error) => log('error', 'audit-failed', { kind: entry.kind, message: error.message }))
        .finally(() => pending.delete(done));
      pending.add(done);
    }
  };
  const syslog = await openSyslog(options, path, record);
  if (syslog) sinks.push(syslog);
  const tally = new Tally(record, SUM_MS);
  if (movedTo !== null) record(stoppedRecord(`${path} was broken and moved to ${movedTo}`, now()));
  return {
    record,
    sum: (entry) => tally.add(entry),
    close: async () => {
      tally.close();
      await Promise.all(pending);
      for (const sink of sinks) await sink.close();
    },
  };
}

async function openSyslog(
  { settings, name, patientIdOf, log, now }: AuditTrailOptions,
  path: string,
  record: (entry: AuditRecord) => void,
): Promise<SyslogSink | null> {
  const { syslog, siteId } = settings;
  if (!syslog) return null;
  const { host, port, serverName, spoolMessages } = syslog;
  return new SyslogSink({
    spool: await Spool.open(`${path}.spool`, spoolMessages),
    source: { name, siteId, processId: process.pid },
    patientIdOf,
    connection: async () => ({ host, port, ...nameToExpect(serverName ?? host), ...(await readFiles(syslog)) }),
    failed: (error) => log('warn', 'audit-waits', { message: error.message }),
    overflowed: (lost) => {
      if (lost === null) log('error', 'audit-spool-full', { messages: spoolMessages });
      else record(stoppedRecord(`${lost} messages were not sent: the spool was full`, now()));
    },
  });
}

/** A log that was changed is moved away and kept; receiving goes on with a new one. */
async function openLog(folder: string, isShared: boolean, log: Log) {
  for (let number = 1; ; number += 1) {
    const name = isShared ? `audit-${hostname()}-${number}.ndjson` : 'audit.ndjson';
    const path = join(folder, name);
    try {
      return { auditLog: await AuditLog.open(path), path, movedTo: null };
    } catch (error) {
      if (error instanceof AuditLogBrokenError) {
        log('error', 'audit-log-broken', { message: error.message });
        const movedTo = `${path}.broken-${Date.now()}`;
        await rename(path, movedTo);
        return { auditLog: await AuditLog.open(path), path, movedTo };
      }
      if (!isShared || !(error instanceof LockHeldError) || number >= MOST_LOGS) throw error;
    }
  }
}

/** Addresses are no names for TLS: the certificate is checked against the host then. Source: RFC 6066 section 3. */
const nameToExpect = (name: string): ConnectionOptions => (isIP(name) === 0 ? { servername: name } : {});

async function readFiles(files: NonNullable<AuditSettings['syslog']>): Promise<ConnectionOptions> {
  const { caFile, certificateFile, keyFile } = files;
  return {
    ...(caFile ? { ca: await readFile(caFile) } : {}),
    ...(certificateFile ? { cert: await readFile(certificateFile) } : {}),
    ...(keyFile ? { key: await readFile(keyFile) } : {}),
  };
}
