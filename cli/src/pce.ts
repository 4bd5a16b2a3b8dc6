import { Command, CommanderError } from 'commander';
import { addAuditCommand } from './commands/audit.js';
import { addBackupCommands } from './commands/backup.js';
import { addCohortCommand } from './commands/cohort.js';
import { addDeidentifyCommand } from './commands/deidentify.js';
import { addDeliveryCommands } from './commands/deliveries.js';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addInspectCommand } from './commands/inspect.js';
import { addMergeCommand } from './commands/merge.js';
import { addMigrateCommand } from './commands/migrate.js';
import { addReportCommand } from './commands/report.js';
import { addReviewCommand } from './commands/review.js';
import { addRulesCommand } from './commands/rules.js';
import { addScreenCommand } from './commands/screen.js';
import { addScreenWorkerCommand } from './commands/screen-worker.js';
import { addSelftestCommand } from './commands/selftest.js';
import { addServeCommand } from './commands/serve.js';
import { addSimulateCommand } from './commands/simulate.js';
import { addUsersCommand } from './commands/users.js';
import { EXIT, type ExitCode, UsageError } from './exit-codes.js';
import { productVersion } from './product.js';
import { RESEARCH_NOTICE } from './tables/table-row.js';

const end = (code: ExitCode): void => {
  process.exitCode = code;
};

const program = new Command('pce')
  .description(`Finds pulmonary cement embolism on chest and thoracolumbar images.\n${RESEARCH_NOTICE}`)
  .version(`pce ${productVersion()}\n${RESEARCH_NOTICE}`)
  .showHelpAfterError()
  .exitOverride();
addServeCommand(program, end);
addScreenCommand(program, end);
addMergeCommand(program, end);
addScreenWorkerCommand(program, end);
addSelftestCommand(program, end);
addReviewCommand(program, end);
addEvaluateCommand(program, end);
addCohortCommand(program, end);
addInspectCommand(program, end);
addDeidentifyCommand(program, end);
addSimulateCommand(program, end);
addRulesCommand(program, end);
addDeliveryCommands(program, end);
addReportCommand(program, end);
addUsersCommand(program, end);
addAuditCommand(program, end);
addBackupCommands(program, end);
addMigrateCommand(program, end);

try {
  await program.parseAsync();
} catch (error) {
  end(explain(error));
}

/** Says what went wrong in a line and gives the exit code. */
function explain(error: unknown): ExitCode {
  // Commander has said it already; asking for help or the version is no failure.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.failed;
  const message = error instanceof UsageError ? error.message : error instanceof Error ? error.message : String(error);
  process.stderr.write(`pce: ${message}\n`);
  return EXIT.failed;
}
