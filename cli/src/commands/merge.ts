import type { Command } from 'commander';
import type { ExitCode } from '../exit-codes.js';
import { mergeShards } from '../screen/merge-shards.js';
import { summaryText } from '../screen/summary-text.js';
import { exitCodeOf } from './screen.js';

const EXAMPLES = `
Example:
  pce screen /archive --out part1 --shard 1/2        on one machine
  pce screen /archive --out part2 --shard 2/2        on another
  pce merge part1 part2 --out results
`;

/** Adds `pce merge`. */
export function addMergeCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('merge')
    .description('put the results of all shards of a screening run together')
    .argument('<DIR...>', 'the output folder of every shard')
    .requiredOption('--out <DIR>', 'folder for the results of all')
    .addHelpText('after', EXAMPLES)
    .action(async (folders: string[], { out }: { out: string }) => {
      const summary = await mergeShards(folders, out);
      process.stdout.write(summaryText(summary));
      end(exitCodeOf(summary));
    });
}
