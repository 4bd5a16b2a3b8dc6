import { deliveryWay } from '../../config.js';
import type { DeliveryWay, DestinationConfig } from '../../config-schema.js';
import type { Destination } from '../../core/destination.js';
import { cStoreDestination } from './c-store.js';
import { fhirDestination } from './fhir.js';
import { folderDestination } from './folder.js';
import { hl7Destination } from './hl7.js';
import { stowDestination } from './stow.js';
import { webhookDestination } from './webhook.js';

/** What destinations know of their surroundings. */
export interface DestinationSurroundings {
  /** Our own AE title, where the destination's settings have none. */
  aeTitle: string;
  nowSeconds: () => number;
}

type Make<Way extends DeliveryWay> = (
  settings: NonNullable<DestinationConfig[Way]>,
  timeoutMs: number,
  around: DestinationSurroundings,
) => Destination;

const DESTINATIONS: { [Way in DeliveryWay]: Make<Way> } = {
  cStore: ({ commitment, commitmentSeconds, commitmentRequests, ...settings }, timeoutMs, { aeTitle }) =>
    cStoreDestination({
      ...settings,
      callingAeTitle: settings.callingAeTitle ?? aeTitle,
      timeoutMs,
      commitment: commitment ? { waitMs: commitmentSeconds * 1000, maxRequests: commitmentRequests } : null,
    }),
  stow: (settings, timeoutMs) => stowDestination({ ...settings, timeoutMs }),
  folder: ({ path }) => folderDestination(path),
  hl7: (settings, timeoutMs) => hl7Destination({ ...settings, timeoutMs }),
  webhook: (settings, timeoutMs, { nowSeconds }) => webhookDestination({ ...settings, timeoutMs, nowSeconds }),
  fhir: (settings, timeoutMs) => fhirDestination({ ...settings, timeoutMs }),
};

/** The destination that settings describe. */
export function makeDestination(config: DestinationConfig, around: DestinationSurroundings): Destination {
  const way = deliveryWay(config);
  const make = DESTINATIONS[way] as Make<DeliveryWay>;
  return make(config[way] as never, config.timeoutSeconds * 1000, around);
}
