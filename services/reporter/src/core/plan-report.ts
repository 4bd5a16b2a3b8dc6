import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { PlannedDelivery, ReportedObject } from '@pce/shared/ports/delivery-ledger';
import type { DestinationConfig } from '../config-schema.js';
import type { ReportObjectKind } from './report-object.js';
import { ownTemplate } from './series-description.js';

/** The class that stands in for another where that one is refused. */
const FALLBACK_KIND: Partial<Record<ReportObjectKind, ReportObjectKind>> = { sr: 'sr-comprehensive' };

/** Whether a destination wants a fallback for what it refuses. */
function hasFallback(destination: DestinationConfig): boolean {
  return destination.cStore?.fallback ?? destination.stow?.fallback ?? false;
}

/** Whether a destination gets objects; others get messages, which name them. */
const takesObjects = ({ cStore, stow, folder }: DestinationConfig): boolean => Boolean(cStore ?? stow ?? folder);

/**
 * A site's own words in the series descriptions of what a destination gets; undefined: the usual ones. Messages name
 * what the first destination of objects gets.
 */
export function seriesDescriptionFor(
  destination: DestinationConfig,
  chosen: readonly DestinationConfig[],
): string | undefined {
  const owner = takesObjects(destination) ? destination : chosen.find(takesObjects);
  return ownTemplate(owner?.seriesDescription);
}

/**
 * What is to be made for some destinations: for each series description the kinds they list, and what may stand in
 * for them.
 */
export function objectsFor(
  destinations: readonly DestinationConfig[],
): Map<string | undefined, ReadonlySet<ReportObjectKind>> {
  const wanted = new Map<string | undefined, Set<ReportObjectKind>>();
  for (const destination of destinations) {
    const description = seriesDescriptionFor(destination, destinations);
    const kinds = wanted.get(description) ?? new Set();
    wanted.set(description, kinds);
    for (const kind of destination.objects) {
      kinds.add(kind);
      const fallback = hasFallback(destination) ? FALLBACK_KIND[kind] : undefined;
      if (fallback) kinds.add(fallback);
    }
  }
  // The report itself is always made: later results replace it and are compared with it.
  const isReported = [...wanted.values()].some((kinds) => kinds.has('sr') || kinds.has('sr-comprehensive'));
  if (!isReported) {
    const [[description, kinds] = [undefined, []]] = wanted;
    wanted.set(description, new Set(['sr', ...kinds]));
  }
  return wanted;
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

/** What is planned for a name that no destination has: the report, once the name is there and it is asked for again. */
export function planUnknown(name: string, objects: readonly ReportedObject[]): PlannedDelivery {
  const [report] = objects.filter(({ kind }) => kind === 'sr' || kind === 'sr-comprehensive');
  const sent = report ? [report.sopInstanceUid] : [];
  const failed = 'no destination had this name when the result was reported';
  return { destination: name, objects: sent, fallbacks: {}, message: null, skipped: null, failed };
}

/** Said of a destination of messages where there is none to send. */
const NOTHING_TO_SAY = 'the result gives this destination no message';

/** What each destination gets of a result. */
export function planDeliveries(
  result: StudyResult,
  objects: readonly ReportedObject[],
  destinations: readonly DestinationConfig[],
  messageFor: (destination: DestinationConfig) => string | null,
): PlannedDelivery[] {
  const plans: PlannedDelivery[] = [];
  for (const destination of destinations) {
    const description = seriesDescriptionFor(destination, destinations);
    const ofKind = (kind: string) =>
      objects.filter((object) => object.kind === kind && object.seriesDescription === description);
    const unwantedBecause = unwanted(destination, result);
    const message = unwantedBecause === null ? messageFor(destination) : null;
    const isSilent = message === null && !takesObjects(destination);
    const skipped = unwantedBecause ?? (isSilent ? NOTHING_TO_SAY : null);
    const sent = takesObjects(destination) && skipped === null ? destination.objects.flatMap(ofKind) : [];
    const fallbacks: Record<string, string> = {};
    for (const object of hasFallback(destination) ? sent : []) {
      const [fallback] = ofKind(FALLBACK_KIND[object.kind as ReportObjectKind] ?? '');
      if (fallback && !sent.includes(fallback)) fallbacks[object.sopInstanceUid] = fallback.sopInstanceUid;
    }
    plans.push({
      destination: destination.name,
      objects: sent.map((object) => object.sopInstanceUid),
      fallbacks,
      message,
      skipped,
    });
  }
  return plans;
}
