import { type Static, Type } from 'typebox';

/** Names within a backup, and within a data folder where it is the same. */
export const BACKUP = {
  /** Written last: without it a backup is not whole. */
  manifest: 'manifest.json',
  sqlite: 'ledger.sqlite',
  /** In the format of pg_dump. */
  postgres: 'ledger.dump',
  instances: 'instances',
  audit: 'audit',
  config: 'pce.yaml',
} as const;

/** What a backup says of itself. */
export const ManifestSchema = Type.Object({
  version: Type.String(),
  madeAt: Type.String(),
  ledger: Type.Enum(['sqlite', 'postgres']),
  instances: Type.Integer({ minimum: 0 }),
  bytes: Type.Integer({ minimum: 0 }),
});
export type Manifest = Static<typeof ManifestSchema>;
