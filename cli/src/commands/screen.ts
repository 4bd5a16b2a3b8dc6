import { OPERATING_POINT } from '@pce/detector/core/parameters';
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';
import { OUTPUT_FORMATS, parseFormats } from '../output/output-formats.js';
import { productVersion, thisDevice } from '../product.js';
import { createProgressView } from '../screen/progress.js';
import { type ScreenSummary, screen } from '../screen/screen.js';
import { summaryText } from '../screen/summary-text.js';

interface Flags {
  readonly out: string;
  readonly jobs?: number;
  readonly reportAbove: number;
  readonly format: string;
}

const EXAMPLES = `
Examples:
  pce screen /archive/chest --out results
  pce screen one.dcm studies.zip --out results --jobs 4
  pce screen /archive --out curves --report-above 0   every candidate, for curves
  pce screen /archive --out tables --format csv,json

Exit code: 0 all analysed; 2 finished, some inputs broken or not analysable (see problems.csv); 1 could not do its job.
`;

/** Adds `pce screen`. */
export function addScreenCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('screen')
    .description('look for pulmonary cement embolism in files, folders and zip archives')
    .argument('<PATH...>', 'files, folders (searched recursively) and zip archives')
    .requiredOption('--out <DIR>', 'folder for reports, tables and report.html')
    .option(
      '--jobs <N>',
      'studies analysed at a time (default: one per processor, as far as the memory goes)',
      wholeNumber,
    )
    .option(
      '--report-above <P>',
      'probability above which a finding is reported',
      probability,
      OPERATING_POINT.indeterminateProbability,
    )
    .option('--format <LIST>', 'what to write', OUTPUT_FORMATS.join(','))
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: Flags) => {
      end(await run(paths, flags));
    });
}

async function run(paths: readonly string[], flags: Flags): Promise<ExitCode> {
  const formats = parseFormats(flags.format);
  const progress = createProgressView(process.stderr);
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    progress.note('Stopping: what is done is being written. Press Ctrl-C again to end at once.');
    controller.abort(new Error('stopped by the user'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const { out, jobs, reportAbove } = flags;
    const options = { paths, out, formats, reportAbove, productVersion: productVersion(), device: thisDevice() };
    const summary = await screen(jobs === undefined ? options : { ...options, jobs }, progress, controller.signal);
    progress.close();
    process.stdout.write(summaryText(summary));
    return exitCodeOf(summary);
  } finally {
    progress.close();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function exitCodeOf({ totals, wasInterrupted }: ScreenSummary): ExitCode {
  if (wasInterrupted) return EXIT.interrupted;
  if (totals.studies === 0 && totals.problems.broken === 0) {
    throw new UsageError('PATH', 'at least one DICOM file', `none among ${totals.files} files`);
  }
  const unfinished = totals.problems.broken + totals.problems['not-analysable'] + totals.outcomes['not-analysable'];
  return unfinished > 0 ? EXIT.finishedWithProblems : EXIT.done;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError(`Expected a whole number from 1; received ${JSON.stringify(text)}.`);
}

function probability(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError(`Expected a probability from 0 to 1; received ${JSON.stringify(text)}.`);
}
