import { once } from 'node:events';
import { availableParallelism, totalmem } from 'node:os';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { productVersion } from '../product.js';
import { defaultJobs } from '../screen/default-jobs.js';
import { startScreenWorker } from '../screen/queue/screen-worker.js';
import { wholeNumber } from './screen.js';

const EXAMPLES = `
Example, the paths of images and results being the same on all machines:
  pce screen-worker --queue redis://queue:6379                     on each of several machines
  pce screen /archive --out /results --queue redis://queue:6379    on one
`;

/** Adds `pce screen-worker`. */
export function addScreenWorkerCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('screen-worker')
    .description('analyse studies for runs of "pce screen --queue", until stopped')
    .requiredOption('--queue <URL>', 'the Redis server, such as redis://host:6379')
    .option('--jobs <N>', 'studies analysed at a time (default: as for pce screen)', wholeNumber)
    .addHelpText('after', EXAMPLES)
    .action(async ({ queue, jobs }: { queue: string; jobs?: number }) => {
      const worker = startScreenWorker({
        url: queue,
        jobs: jobs ?? defaultJobs(availableParallelism(), totalmem()),
        productVersion: productVersion(),
        serverFailed: (error) => process.stderr.write(`Redis: ${error.message}\n`),
        done: (studyInstanceUid) => process.stderr.write(`${studyInstanceUid} done\n`),
      });
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await worker.close();
      end(EXIT.done);
    });
}
