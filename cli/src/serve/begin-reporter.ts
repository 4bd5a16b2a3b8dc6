import { deliveryWay } from '@pce/reporter/config';
import { type Reporter, startReporter } from '@pce/reporter/start-reporter';
import type { Commons } from './commons.js';

/** Makes reports and delivers them from now on. */
export async function beginReporter({ config, state, queue, hub, clock, log }: Commons): Promise<Reporter> {
  const { aeTitle, dataFolder } = config.file;
  return startReporter({ ...state, queue, config: config.file, clock, log, hub, aeTitle, dataFolder });
}

/** How each destination is delivered to, by name, whether or not this process delivers. */
export function destinationKinds({ destinations }: Commons['config']['file']): Record<string, string> {
  if (destinations.length === 0) return { outbox: 'folder' };
  return Object.fromEntries(destinations.map((destination) => [destination.name, deliveryWay(destination)]));
}
