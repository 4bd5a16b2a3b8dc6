import type { Contradiction } from '@pce/shared/config/checked-yaml';
import { DELIVERY_WAYS, type DeliveryWay, type DestinationConfig, type ReporterConfig } from './config-schema.js';

/** How a destination is delivered to. `reporterContradictions` has seen to it that there is exactly one way. */
export function deliveryWay(destination: DestinationConfig): DeliveryWay {
  return DELIVERY_WAYS.find((way) => destination[way] !== undefined) ?? 'folder';
}

/** What each setting of the reporter allows by itself, but not together. Pure. */
export function reporterContradictions({ destinations, commitmentListener }: ReporterConfig): Contradiction[] {
  const problems: Contradiction[] = [];
  for (const [index, destination] of destinations.entries()) {
    const add = (key: string, message: string) => problems.push({ path: ['destinations', `${index}`, key], message });
    const ways = DELIVERY_WAYS.filter((way) => destination[way] !== undefined);
    if (ways.length !== 1) {
      add(
        'name',
        `${destination.name} must have exactly one of ${DELIVERY_WAYS.join(', ')}; it has ${ways.join(' and ') || 'none'}`,
      );
    }
    if (destinations.findIndex(({ name }) => name === destination.name) !== index) {
      add('name', `${destination.name} is the name of another destination too`);
    }
    const { firstDelaySeconds, longestDelaySeconds } = destination.retry;
    if (firstDelaySeconds > longestDelaySeconds) {
      add('retry', `firstDelaySeconds ${firstDelaySeconds} must not exceed longestDelaySeconds ${longestDelaySeconds}`);
    }
    for (const way of ['stow', 'webhook', 'fhir'] as const) {
      const { user, passwordFile, tokenFile } = destination[way] ?? {};
      if ((user === undefined) !== (passwordFile === undefined)) add(way, 'user and passwordFile belong together');
      if (user !== undefined && tokenFile !== undefined) add(way, 'has both a token and a user: one is enough');
    }
    const tls = ways.map((way) => destination[way]).find((settings) => settings && 'tls' in settings && settings.tls);
    if (tls && 'tls' in tls && (tls.tls?.certificateFile === undefined) !== (tls.tls?.keyFile === undefined)) {
      add(ways[0] ?? 'name', 'tls.certificateFile and tls.keyFile belong together');
    }
  }
  if (commitmentListener && !destinations.some((destination) => destination.cStore?.commitment)) {
    problems.push({ path: ['commitmentListener'], message: 'no destination has cStore.commitment on' });
  }
  return problems;
}
