import { join } from 'node:path';
import { ledgerSteps, migrateLedger, NO_STEP } from '@pce/shared/adapters/ledger-migrations';
import { openPostgresDatabase } from '@pce/shared/adapters/postgres-ledger';
import { openSqliteDatabase } from '@pce/shared/adapters/sqlite-ledger';
import type { Command } from 'commander';
import { BACKUP } from '../backup/backup-layout.js';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';
import { readServeConfig } from '../serve/read-serve-config.js';
import type { ServeConfig } from '../serve/serve-config.js';

const HELP = `
Uses the settings of \`pce serve\`; end all services first. A service takes the ledger forward by itself when it starts:
this is for going back before an older version is installed. What only newer steps have a place for is lost.

Examples:
  pce migrate                                lists the steps
  pce migrate --to 0010-delivery-variants    forward or back to this step
`;

/** Adds `pce migrate`. */
export function addMigrateCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('migrate')
    .description("show the steps of the ledger's schema, or go to one of them")
    .option('--to <STEP>', `the last step that is to be done; "${NO_STEP}" for none at all`)
    .addHelpText('after', HELP)
    .action(async ({ to }: { to?: string }) => {
      const { database, release } = openDatabase(await readServeConfig(process.env));
      try {
        const steps = await ledgerSteps(database);
        if (to === undefined) {
          for (const { name, isDone } of steps) process.stdout.write(`${isDone ? 'done' : 'open'}  ${name}\n`);
        } else {
          const names = [NO_STEP, ...steps.map(({ name }) => name)];
          if (!names.includes(to)) throw new UsageError('--to', `one of ${names.join(', ')}`, to);
          for (const { direction, migrationName } of await migrateLedger(database, to)) {
            process.stdout.write(`${direction === 'Up' ? 'done' : 'undone'}  ${migrationName}\n`);
          }
        }
      } finally {
        await database.destroy();
        release();
      }
      end(EXIT.done);
    });
}

function openDatabase({ file, cluster }: ServeConfig) {
  if (cluster) return { database: openPostgresDatabase(cluster.databaseUrl), release: () => {} };
  return openSqliteDatabase(join(file.dataFolder, BACKUP.sqlite));
}
