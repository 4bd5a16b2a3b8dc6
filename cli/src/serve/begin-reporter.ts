import { addDeliveryRoutes } from '@pce/reporter/adapters/delivery-routes';
import { deliveryWay } from '@pce/reporter/config';
import { type Reporter, startReporter } from '@pce/reporter/start-reporter';
import type { FastifyInstance } from 'fastify';
import type { Commons } from './commons.js';

/** Makes reports and delivers them from now on, and tells who asks what was sent where. */
export async function beginReporter(commons: Commons, app: FastifyInstance): Promise<Reporter> {
  const { config, state, queue, hub, clock, log } = commons;
  const { aeTitle, dataFolder } = config.file;
  const reporter = await startReporter({ ...state, queue, config: config.file, clock, log, hub, aeTitle, dataFolder });
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

/** How each destination is delivered to, by name, whether or not this process delivers. */
export function destinationKinds({ destinations }: Commons['config']['file']): Record<string, string> {
  if (destinations.length === 0) return { outbox: 'folder' };
  return Object.fromEntries(destinations.map((destination) => [destination.name, deliveryWay(destination)]));
}
