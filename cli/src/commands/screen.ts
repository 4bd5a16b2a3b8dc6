import { promises as fs } from 'node:fs';
import { currentAlgorithm } from '@pce/detector/adapters/current-algorithm';
import { OPERATING_POINT } from '@pce/detector/core/parameters';
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';
import { OUTPUT_FORMATS, parseFormats } from '../output/output-formats.js';
import { productVersion, thisDevice } from '../product.js';
import { type ArchiveFlags, addArchiveOptions, openArchive } from '../screen/archive/archive-flags.js';
import { localSource } from '../screen/local-source.js';
import { createProgressView } from '../screen/progress.js';
import { queueScreener } from '../screen/queue/queue-screener.js';
import type { RunManifest } from '../screen/run-manifest.js';
import { type ScreenOptions, type ScreenSummary, screen } from '../screen/screen.js';
import { parseShard } from '../screen/shard.js';
import { poolScreener } from '../screen/study-screener.js';
import { summaryText } from '../screen/summary-text.js';

interface Flags extends ArchiveFlags {
  readonly out: string;
  readonly jobs?: number;
  readonly reportAbove: number;
  readonly format: string;
  readonly resume?: boolean;
  readonly shard?: string;
  readonly watch?: number | true;
  readonly queue?: string;
}

/** Between two looks at a watched folder. [design] */
const WATCH_SECONDS = 60;

const EXAMPLES = `
Examples:
  pce screen /archive/chest --out results
  pce screen one.dcm studies.zip --out results --jobs 4
  pce screen /archive --out results --resume          go on after an interruption of any kind
  pce screen /archive --out part1 --shard 1/2         half of the studies; then "pce merge part1 part2 --out all"
  pce screen /inbox --out results --watch             look every minute, until Ctrl-C
  pce screen --qido https://pacs.example/dicom-web --query StudyDate=20250101-20251231 --out results
  pce screen --aet PACS --host pacs.example --port 104 --list accessions.csv --window 20:00-06:00 --out results
  pce screen /archive --out curves --report-above 0   every candidate, for curves
  pce screen /archive --out tables --format csv,json

Exit code: 0 all analysed; 2 finished, some inputs broken or not analysable (see problems.csv); 1 could not do its job.
`;

/** Adds `pce screen`. */
export function addScreenCommand(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('screen')
    .description('look for pulmonary cement embolism in files, folders, zip archives or a PACS')
    .argument('[PATH...]', 'files, folders (searched recursively) and zip archives')
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
    .option('--resume', 'go on with the run in the output folder: studies that are done are not done again')
    .option('--shard <I/N>', 'only part I of N of the studies, chosen by a hash of their UID')
    .option('--watch [SECONDS]', `look for new studies every so many seconds (default: ${WATCH_SECONDS})`, wholeNumber)
    .option('--queue <URL>', 'have the studies analysed by "pce screen-worker" processes on this Redis server');
  addArchiveOptions(command, wholeNumber)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: Flags) => {
      end(await run(paths, flags));
    });
}

async function run(paths: readonly string[], flags: Flags): Promise<ExitCode> {
  const progress = createProgressView(process.stderr);
  const options = await optionsOf(paths, flags, (text) => progress.note(text));
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    progress.note('Stopping: what is done is being written. Press Ctrl-C again to end at once.');
    controller.abort(new Error('stopped by the user'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const summary = await screen(options, progress, controller.signal);
    progress.close();
    process.stdout.write(summaryText(summary));
    return exitCodeOf(summary);
  } finally {
    progress.close();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

async function optionsOf(paths: readonly string[], flags: Flags, note: (text: string) => void): Promise<ScreenOptions> {
  const { out, jobs, reportAbove } = flags;
  const formats = parseFormats(flags.format);
  const shard = flags.shard === undefined ? null : parseShard(flags.shard);
  const archive = await openArchive(flags);
  await requireInputs(paths, out, archive !== null);
  const manifest: RunManifest = {
    manifestVersion: 1,
    productVersion: productVersion(),
    algorithm: await currentAlgorithm({ reportAbove }),
    formats: OUTPUT_FORMATS.filter((format) => formats.has(format)),
    sources: archive?.description ?? paths,
    shard,
  };
  const device = thisDevice();
  return {
    out,
    manifest,
    resume: flags.resume ?? false,
    watchSeconds: flags.watch === undefined ? null : flags.watch === true ? WATCH_SECONDS : flags.watch,
    openSource: (output) => archive?.source(output, shard, note) ?? localSource(paths, output.path, shard),
    openScreener: (output) =>
      flags.queue === undefined
        ? poolScreener(output, { jobs, reportAbove, device })
        : queueScreener(output, {
            url: flags.queue,
            jobs,
            manifest,
            device,
            serverFailed: (error) => note(`Redis: ${error.message}`),
          }),
  };
}

async function requireInputs(paths: readonly string[], out: string, hasArchive: boolean): Promise<void> {
  if (paths.length > 0 === hasArchive) {
    throw new UsageError('source', 'either PATH or one of --qido and --aet', hasArchive ? 'both' : 'neither');
  }
  const realOut = await fs.realpath(out).catch(() => null);
  for (const path of paths) {
    try {
      await fs.access(path, fs.constants.R_OK);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new UsageError('PATH', 'a file or folder that can be read', `${path} (${code})`);
    }
    if (realOut !== null && (await fs.realpath(path)) === realOut) {
      throw new UsageError('--out', 'another folder than the input', out);
    }
  }
}

/** How a run that came to an end is told to whoever started it. */
export function exitCodeOf({ totals, wasInterrupted }: ScreenSummary): ExitCode {
  if (wasInterrupted) return EXIT.interrupted;
  if (totals.studies === 0 && totals.problems.broken === 0) {
    throw new UsageError('PATH', 'at least one DICOM file', `none among ${totals.files} files`);
  }
  const unfinished = totals.problems.broken + totals.problems['not-analysable'] + totals.outcomes['not-analysable'];
  return unfinished > 0 ? EXIT.finishedWithProblems : EXIT.done;
}

/** A count from 1, for an option. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError(`Expected a whole number from 1; received ${JSON.stringify(text)}.`);
}

function probability(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError(`Expected a probability from 0 to 1; received ${JSON.stringify(text)}.`);
}
