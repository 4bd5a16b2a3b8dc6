import { addDeliveryRoutes } from '@pce/reporter/adapters/delivery-routes';
import { deliveryWay } from '@pce/reporter/config';
import type { DestinationConfig } from '@pce/reporter/config-schema';
import { type Reporter, startReporter } from '@pce/reporter/start-reporter';
import type { FastifyInstance } from 'fastify';
import { deliveryRecord } from '../audit/own-records.js';
import type { Commons } from './commons.js';

/** Makes reports and delivers them from now on, and tells who asks what was sent where. */
export async function beginReporter(commons: Commons, app: FastifyInstance): Promise<Reporter> {
  const { config, state, queue, hub, clock, log, audit } = commons;
  const { aeTitle, dataFolder } = config.file;
  const reporter = await startReporter({
    ...state,
    queue,
    config: config.file,
    clock,
    log,
    hub,
    aeTitle,
    dataFolder,
    progress: (progress) => {
      const destination = config.file.destinations.find(({ name }) => name === progress.destination);
      const record = deliveryRecord(progress, placeOf(destination), clock.now());
      if (record !== null) audit.record(record);
    },
  });
  addDeliveryRoutes(app, {
    ledger: state.ledger,
    clock,
    redelivered: (destinations) => {
      for (const destination of destinations) {
        reporter.signal(destination).catch((error: Error) => log('warn', 'signal-lost', { message: error.message }));
      }
    },
    preview: reporter.preview,
  });
  return reporter;
}

/** Where a destination is; the outbox is on this machine. */
function placeOf(destination: DestinationConfig | undefined): { way: string; address: string } {
  if (!destination) return { way: 'folder', address: '' };
  const { cStore, stow, hl7, webhook, fhir } = destination;
  const url = (stow ?? webhook ?? fhir)?.url;
  const address = (cStore ?? hl7)?.host ?? (url === undefined ? '' : new URL(url).hostname);
  return { way: deliveryWay(destination), address };
}

/** How each destination is delivered to, by name, whether or not this process delivers. */
export function destinationKinds({ destinations }: Commons['config']['file']): Record<string, string> {
  if (destinations.length === 0) return { outbox: 'folder' };
  return Object.fromEntries(destinations.map((destination) => [destination.name, deliveryWay(destination)]));
}
