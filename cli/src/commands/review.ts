import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { filesBelow } from '../files-below.js';
import { startReview } from '../review/start-review.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';

const EXAMPLES = `
Examples:
  pce review results /archive/chest --reader rita     serves http://127.0.0.1:8790/worklist until Ctrl-C
  pce evaluate --truth truth.csv results              joins the labels of all readers

Labels go to labels-NAME.csv in DIR, each before the page says that it is saved. docs/reader-study.md says what is in them.
`;

const DEFAULT_PORT = 8790;

interface Flags {
  readonly reader: string;
  readonly port: number;
}

/** Adds `pce review`. */
export function addReviewCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('review')
    .description('read the results of pce screen in the browser, on this machine only, and keep labels')
    .argument('<DIR>', 'folder pce screen wrote')
    .argument('<IMAGES...>', 'files and folders with the images it read')
    .requiredOption('--reader <NAME>', 'who reads: letters, digits, ".", "_", "-"', readerName)
    .option('--port <N>', 'port of 127.0.0.1; 0 for any that is free', portNumber, DEFAULT_PORT)
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, images: string[], flags: Flags) => end(await run(folder, images, flags)));
}

async function run(folder: string, images: readonly string[], { reader, port }: Flags): Promise<ExitCode> {
  const stopped = new Promise<void>((stop) => {
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
  const review = await startReview({
    folder: resolve(folder),
    images: filesBelow(
      images.map((path) => resolve(path)),
      'IMAGES',
    ),
    reader,
    port,
    failed: (error) => process.stderr.write(`pce: ${error.message}\n`),
  });
  const lines = [
    `${review.cases} cases for ${reader}: ${review.url}`,
    ...(review.withoutImages > 0 ? [`${review.withoutImages} results left out: none of their images was found`] : []),
    `Labels: ${review.labelPath}`,
    RESEARCH_NOTICE,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  await stopped;
  await review.end();
  return EXIT.done;
}

function readerName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected up to 32 letters, digits, ".", "_" and "-".');
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new InvalidArgumentError(`Expected a port from 0 to 65535; received ${JSON.stringify(text)}.`);
}
