import type { Command } from 'commander';
import { makeBackup } from '../backup/make-backup.js';
import { restoreBackup } from '../backup/restore-backup.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { readServeConfig } from '../serve/read-serve-config.js';

const BACKUP_HELP = `
Uses the settings of \`pce serve\` (PCE_CONFIG, PCE_DATA_DIR, DATABASE_URL); services may be at work. The folder holds
patient data and password digests: keep it like the data folder. Exit code 2: some files were not there to be copied.

Examples:
  pce backup /backup/pce             a second time copies what is new
`;

const RESTORE_HELP = `
Uses the settings of \`pce serve\`: the data folder, and the database where there is one, must be empty. Every file is
compared with the digest made when it was received. Exit code 2: some are not what was received; they are listed.

Examples:
  PCE_DATA_DIR=/srv/pce pce restore /backup/pce
`;

/** Adds `pce backup` and `pce restore`. */
export function addBackupCommands(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('backup')
    .description('copy ledger, images, reports, audit and settings, while services run')
    .argument('<FOLDER>', 'where to')
    .addHelpText('after', BACKUP_HELP)
    .action(async (folder: string) => {
      const config = await readServeConfig(process.env);
      const { manifest, missing } = await makeBackup(config, folder, process.env.PCE_CONFIG, new Date());
      process.stdout.write(`${folder}: ${manifest.instances} instances, ${manifest.bytes} bytes\n`);
      end(list('not there', missing));
    });
  program
    .command('restore')
    .description('put a backup into an empty data folder')
    .argument('<FOLDER>', 'the backup')
    .addHelpText('after', RESTORE_HELP)
    .action(async (folder: string) => {
      const { manifest, instances, damaged } = await restoreBackup(await readServeConfig(process.env), folder);
      process.stdout.write(`${folder} of ${manifest.madeAt}: ${instances} instances\n`);
      end(list('not what was received', damaged));
    });
}

function list(trouble: string, locations: readonly string[]): ExitCode {
  for (const location of locations) process.stdout.write(`${trouble}: ${location}\n`);
  return locations.length === 0 ? EXIT.done : EXIT.finishedWithProblems;
}
