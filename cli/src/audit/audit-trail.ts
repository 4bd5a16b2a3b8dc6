import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { LockHeldError } from '@pce/shared/adapters/exclusive-lock';
import type { Log } from '@pce/shared/ports/log';
import type { AuditSettings } from './audit-config.js';
import { AuditLog } from './audit-log.js';
import type { AuditRecord, AuditSink } from './audit-record.js';
import { SyslogSink } from './syslog-sink.js';

/** Everybody's way to the audit: never throws, never waits. */
export interface AuditTrail {
  record(record: AuditRecord): Promise<void>;
  close(): Promise<void>;
}

export interface AuditTrailOptions {
  readonly settings: AuditSettings;
  /** AE title. */
  readonly name: string;
  readonly dataFolder: string;
  /** Several processes may share the data folder: each has a log of its own. */
  readonly isShared: boolean;
  readonly log: Log;
}

/** Processes of one machine that may share a folder. [design] */
const MOST_LOGS = 64;

/** Opens the log on this machine and, where configured, the way to the audit repository. */
export async function openAuditTrail(options: AuditTrailOptions): Promise<AuditTrail> {
  const { settings, name, dataFolder, isShared, log } = options;
  const folder = join(dataFolder, 'audit');
  const { auditLog, path } = await openLog(folder, isShared);
  const sinks: AuditSink[] = [auditLog];
  if (settings.syslog) {
    const { host, port, serverName } = settings.syslog;
    const files = settings.syslog;
    const sink = await SyslogSink.open({
      spoolFolder: `${path}.spool`,
      source: { name, siteId: settings.siteId, processId: process.pid },
      connection: async () => ({ host, port, servername: serverName ?? host, ...(await readFiles(files)) }),
      failed: (error) => log('warn', 'audit-waits', { message: error.message }),
    });
    sinks.push(sink);
  }
  const record = async (entry: AuditRecord) => {
    const outcomes = await Promise.allSettled(sinks.map((sink) => sink.record(entry)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') log('error', 'audit-failed', { message: String(outcome.reason) });
    }
  };
  return {
    record,
    close: async () => {
      for (const sink of sinks) await sink.close();
    },
  };
}

async function openLog(folder: string, isShared: boolean): Promise<{ auditLog: AuditLog; path: string }> {
  for (let number = 1; ; number += 1) {
    const name = isShared ? `audit-${hostname()}-${number}.ndjson` : 'audit.ndjson';
    const path = join(folder, name);
    try {
      return { auditLog: await AuditLog.open(path), path };
    } catch (error) {
      if (!isShared || !(error instanceof LockHeldError) || number >= MOST_LOGS) throw error;
    }
  }
}

async function readFiles(files: NonNullable<AuditSettings['syslog']>): Promise<ConnectionOptions> {
  const { caFile, certificateFile, keyFile } = files;
  return {
    ...(caFile ? { ca: await readFile(caFile) } : {}),
    ...(certificateFile ? { cert: await readFile(certificateFile) } : {}),
    ...(keyFile ? { key: await readFile(keyFile) } : {}),
  };
}
