import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { PlannedDelivery, ReportedObject } from '@pce/shared/ports/delivery-ledger';
import type { DestinationConfig } from '../config-schema.js';
import type { ReportObjectKind } from './report-object.js';

/** The class that stands in for another where that one is refused. */
const FALLBACK_KIND: Partial<Record<ReportObjectKind, ReportObjectKind>> = { sr: 'sr-comprehensive' };

/** Whether a destination wants a fallback for what it refuses. */
function hasFallback(destination: DestinationConfig): boolean {
  return destination.cStore?.fallback ?? destination.stow?.fallback ?? false;
}

/** Kinds of objects to be made for some destinations: those they list, and what may stand in for them. */
export function kindsFor(destinations: readonly DestinationConfig[]): Set<ReportObjectKind> {
  const kinds = new Set<ReportObjectKind>();
  for (const destination of destinations) {
    for (const kind of destination.objects) {
      kinds.add(kind);
      const fallback = hasFallback(destination) ? FALLBACK_KIND[kind] : undefined;
      if (fallback) kinds.add(fallback);
    }
  }
  return kinds;
}

/** The destinations of a result: those its rules chose, else the default ones; and names that nobody has. */
export function destinationsOf(
  names: readonly string[],
  configured: readonly DestinationConfig[],
): { chosen: DestinationConfig[]; unknown: string[] } {
  if (names.length === 0) return { chosen: configured.filter(({ isDefault }) => isDefault), unknown: [] };
  return {
    chosen: configured.filter(({ name }) => names.includes(name)),
    unknown: names.filter((name) => !configured.some((destination) => destination.name === name)),
  };
}

/** Why a destination does not want a result, or null when it does. */
function unwanted({ only }: DestinationConfig, { outcome }: StudyResult): string | null {
  if (only === 'all') return null;
  const presence = outcome.kind === 'analysed' ? outcome.presence : outcome.kind;
  const isWanted = presence === 'present' || (only === 'positives-and-indeterminates' && presence === 'undetermined');
  return isWanted ? null : `this destination takes ${only.replaceAll('-', ' ')}; the result is ${presence}`;
}

/** What each destination gets of a result. */
export function planDeliveries(
  result: StudyResult,
  objects: readonly ReportedObject[],
  destinations: readonly DestinationConfig[],
  messageFor: (destination: DestinationConfig) => string | null,
): PlannedDelivery[] {
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const plans: PlannedDelivery[] = [];
  for (const destination of destinations) {
    const skipped = unwanted(destination, result);
    const sendsObjects = Boolean(destination.cStore ?? destination.stow ?? destination.folder);
    const sent = sendsObjects && skipped === null ? destination.objects.flatMap(ofKind) : [];
    const fallbacks: Record<string, string> = {};
    for (const object of hasFallback(destination) ? sent : []) {
      const [fallback] = ofKind(FALLBACK_KIND[object.kind as ReportObjectKind] ?? '');
      if (fallback && !sent.includes(fallback)) fallbacks[object.sopInstanceUid] = fallback.sopInstanceUid;
    }
    plans.push({
      destination: destination.name,
      objects: sent.map((object) => object.sopInstanceUid),
      fallbacks,
      message: skipped === null ? messageFor(destination) : null,
      skipped,
    });
  }
  return plans;
}
