import type { LedgerResult } from '@pce/shared/ports/result-ledger';
import type { DestinationConfig } from '../config-schema.js';
import type { ReportObject } from '../core/report-object.js';
import type { ReportMaterial } from './build-report.js';

/** The message a destination gets about a result; null for destinations that take objects. */
export async function messageFor(
  { name, cStore, stow, folder }: DestinationConfig,
  _found: LedgerResult,
  _objects: readonly ReportObject[],
  _material: ReportMaterial,
): Promise<string | null> {
  if (cStore ?? stow ?? folder) return null;
  throw new Error(`Destination ${name}: expected one that takes objects`);
}
