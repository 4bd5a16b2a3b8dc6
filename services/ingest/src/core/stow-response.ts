import type { JsonDataset } from './dicom-json.js';
import { instanceUrl } from './qido-response.js';
import type { ReceiveOutcome } from './receive-instance.js';

/** One instance of a store request, as far as it could be told which. */
export interface StowedInstance {
  sopClassUid: string;
  sopInstanceUid: string;
  outcome: ReceiveOutcome;
}

/** Failure Reason (0008,1197) and Warning Reason (0008,1196). Source: PS3.18 table I.2-2, PS3.4 table B.2-1. */
const REASON = {
  failed: 0x0110,
  'store-full': 0xa700,
  mismatch: 0xa900,
  unreadable: 0xc000,
  conflicting: 0xb000,
} as const;

export interface StowResponse {
  status: 200 | 202 | 400 | 409 | 503;
  body: JsonDataset;
}

/** The answer to a store request. Source: PS3.18 sections 10.5.3 and I.2. */
export function stowResponse(instances: readonly StowedInstance[], base: string): StowResponse {
  const stored = instances.filter(({ outcome }) => 'instance' in outcome);
  const failed = instances.filter(({ outcome }) => !('instance' in outcome));
  const warned = stored.some(({ outcome }) => outcome.kind === 'conflicting');
  return { status: statusOf(instances, stored.length, failed, warned), body: bodyOf(stored, failed, base) };
}

function statusOf(
  all: readonly StowedInstance[],
  storedCount: number,
  failed: readonly StowedInstance[],
  warned: boolean,
): StowResponse['status'] {
  if (all.length === 0) return 400;
  if (failed.length === 0) return warned ? 202 : 200;
  if (storedCount > 0) return 202;
  // Nothing is wrong with what was sent: it may be sent again later.
  return failed.every(({ outcome }) => outcome.kind === 'store-full' || outcome.kind === 'failed') ? 503 : 409;
}

function bodyOf(stored: readonly StowedInstance[], failed: readonly StowedInstance[], base: string): JsonDataset {
  const studies = new Set(
    stored.map(({ outcome }) => ('instance' in outcome ? outcome.instance.studyInstanceUid : '')),
  );
  const [study] = studies;
  return {
    ...(studies.size === 1 ? { '00081190': { vr: 'UR', Value: [`${base}/studies/${study}`] } } : {}),
    ...(failed.length > 0 ? { '00081198': { vr: 'SQ', Value: failed.map(failedItem) } } : {}),
    ...(stored.length > 0 ? { '00081199': { vr: 'SQ', Value: stored.map((item) => storedItem(item, base)) } } : {}),
  };
}

function reference({ sopClassUid, sopInstanceUid }: StowedInstance): JsonDataset {
  return {
    '00081150': { vr: 'UI', Value: [sopClassUid] },
    '00081155': { vr: 'UI', Value: [sopInstanceUid] },
  };
}

function storedItem(item: StowedInstance, base: string): JsonDataset {
  const { outcome } = item;
  if (!('instance' in outcome)) return reference(item);
  const url = instanceUrl(outcome.instance, base);
  const warning = outcome.kind === 'conflicting' ? { '00081196': { vr: 'US', Value: [REASON.conflicting] } } : {};
  return { ...reference(item), '00081190': { vr: 'UR', Value: [url] }, ...warning };
}

function failedItem(item: StowedInstance): JsonDataset {
  const { kind } = item.outcome;
  const reason = kind === 'stored' || kind === 'identical' ? REASON.failed : REASON[kind];
  const message = 'message' in item.outcome ? item.outcome.message : '';
  return {
    ...reference(item),
    '00081197': { vr: 'US', Value: [reason] },
    // ErrorComment is LO: at most 64 characters.
    ...(message ? { '00000902': { vr: 'LO', Value: [message.slice(0, 64)] } } : {}),
  };
}
