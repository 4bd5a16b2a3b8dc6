import { createHash } from 'node:crypto';
import type { AuditRecord } from './audit-record.js';

/** What stands before the first line. */
export const CHAIN_START = '0'.repeat(64);

/** Where a chain of lines has come to. */
export interface ChainHead {
  /** Lines so far. */
  readonly count: number;
  /** Digest of the last line. */
  readonly digest: string;
}

export type ChainCheck =
  | { readonly kind: 'whole'; readonly head: ChainHead }
  | { readonly kind: 'broken'; readonly line: number; readonly reason: string };

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The next line of a log in which every line holds the digest of the one before it and of itself. Pure. */
export function chainLine(record: AuditRecord, { count, digest }: ChainHead): { line: string; head: ChainHead } {
  const content = JSON.stringify({ number: count + 1, ...record, at: record.at.toISOString(), previous: digest });
  const own = digestOf(content);
  return { line: `${content.slice(0, -1)},"digest":"${own}"}\n`, head: { count: count + 1, digest: own } };
}

/** Checks lines one after the other: a changed, dropped, added or moved line breaks the chain at its place. */
export async function checkChain(lines: AsyncIterable<string> | Iterable<string>): Promise<ChainCheck> {
  let head: ChainHead = { count: 0, digest: CHAIN_START };
  for await (const line of lines) {
    const number = head.count + 1;
    const match = /^(\{.*),"digest":"([0-9a-f]{64})"\}$/.exec(line);
    if (!match) return { kind: 'broken', line: number, reason: 'it is no line of an audit log' };
    const content = `${match[1]}}`;
    if (digestOf(content) !== match[2]) return { kind: 'broken', line: number, reason: 'its content was changed' };
    const { number: stated, previous } = JSON.parse(content) as { number: number; previous: string };
    if (stated !== number) return { kind: 'broken', line: number, reason: `it is number ${stated}` };
    if (previous !== head.digest) return { kind: 'broken', line: number, reason: 'it does not follow the line before' };
    head = { count: number, digest: match[2]! };
  }
  return { kind: 'whole', head };
}
