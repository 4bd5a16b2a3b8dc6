import { type DeliveryQuery, toFilter } from '@pce/reporter/adapters/delivery-routes';
import { DELIVERY_STATES, deliveriesCsv, readDeliveryRows } from '@pce/reporter/adapters/read-deliveries';
import type { DeliveryRow } from '@pce/reporter/core/delivery-table';
import type { DeliveryState } from '@pce/shared/ports/delivery-ledger';
import { type Command, Option } from 'commander';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';
import { reachService } from '../serve/reach-service.js';
import { readServeConfig } from '../serve/read-serve-config.js';

interface Flags {
  readonly study?: string;
  readonly destination?: string;
  readonly state?: DeliveryState;
  readonly delivery?: string;
}

const EXAMPLES = `
Uses the settings of \`pce serve\`: asks the service when it runs (PCE_API_KEY, where it wants a key), and opens its
ledger when it does not.

Examples:
  pce deliveries --state failed
  pce deliveries --csv > deliveries.csv
  pce redeliver --destination pacs --state failed
`;

/** Adds `pce deliveries` and `pce redeliver`. */
export function addDeliveryCommands(program: Command, end: (code: ExitCode) => void): void {
  withFilter(program.command('deliveries').description('what was sent where, and what the receiver said'))
    .option('--csv', 'every column, as CSV')
    .option('--limit <N>', 'deliveries at most', Number, 100)
    .addHelpText('after', EXAMPLES)
    .action(async ({ csv, limit, ...flags }: Flags & { csv?: boolean; limit: number }) => {
      const rows = await findRows(queryOf(flags), limit);
      process.stdout.write(csv ? deliveriesCsv(rows) : describe(rows));
      end(EXIT.done);
    });
  withFilter(program.command('redeliver').description('send again what is settled: the same objects, byte for byte'))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const query = queryOf(flags);
      if (Object.keys(query).length === 0) {
        throw new UsageError('pce redeliver', 'a condition, such as --state failed', 'none');
      }
      const { count, destinations } = await redeliver(query);
      process.stdout.write(
        `${count} deliveries will be made again${count > 0 ? ` to ${destinations.join(', ')}` : ''}\n`,
      );
      end(EXIT.done);
    });
}

function withFilter(command: Command): Command {
  return command
    .option('--study <UID>', 'of this study')
    .option('--destination <NAME>', 'to this destination')
    .option('--delivery <ID>', 'this one')
    .addOption(new Option('--state <STATE>', 'in this state').choices([...DELIVERY_STATES]));
}

function queryOf({ study, destination, state, delivery }: Flags): DeliveryQuery {
  return {
    ...(study ? { study } : {}),
    ...(destination ? { destination } : {}),
    ...(state ? { state } : {}),
    ...(delivery ? { deliveryId: delivery } : {}),
  };
}

async function reach() {
  return reachService(await readServeConfig(process.env), process.env.PCE_API_KEY);
}

async function findRows(query: DeliveryQuery, limit: number): Promise<DeliveryRow[]> {
  const reached = await reach();
  if (reached.kind === 'state') {
    const { state } = reached;
    return readDeliveryRows(state.ledger, toFilter(query), limit, 0).finally(() => state.close());
  }
  const parameters = new URLSearchParams({ ...query, limit: String(limit) });
  const answer = (await (await reached.get(`/deliveries?${parameters}`)).json()) as { deliveries: DeliveryRow[] };
  return answer.deliveries;
}

async function redeliver(query: DeliveryQuery): Promise<{ count: number; destinations: string[] }> {
  const reached = await reach();
  if (reached.kind === 'service') {
    return (await (await reached.post('/redeliveries', query)).json()) as { count: number; destinations: string[] };
  }
  const { state } = reached;
  return state.ledger.deliveries.redeliver(toFilter(query), new Date()).finally(() => state.close());
}

/** One line per object or message. */
function describe(rows: readonly DeliveryRow[]): string {
  if (rows.length === 0) return 'no delivery meets that\n';
  const lines = rows.map(({ plannedAt, destination, state, attempts, sent, objectState, status, reason, deliveryId }) =>
    [
      plannedAt.slice(0, 19).replace('T', ' '),
      destination.padEnd(12),
      state.padEnd(19),
      `${attempts}x`.padStart(4),
      `${sent} ${objectState} ${status}`.trim().padEnd(34),
      deliveryId,
      reason,
    ].join('  '),
  );
  return `${lines.join('\n')}\n`;
}
