import { promises as fs } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import type { DeidentifyOptions } from '../deidentify/deidentify-file.js';
import { DeidentifiedFolder, type FileOutcome } from '../deidentify/deidentify-files.js';
import { keyedPseudonyms, LEAST_KEY_BYTES, type Pseudonyms } from '../deidentify/pseudonyms.js';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';
import { filesBelow } from '../files-below.js';
import { writeWhole } from '../output/write-file.js';
import { productVersion } from '../product.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';

const EXAMPLES = `
Examples:
  head -c 32 /dev/urandom > pce.key                             make a key once; keep it, and keep it secret
  pce deidentify archive --out share --key pce.key
  pce deidentify archive results --out share --key pce.key --shift-dates --clean-descriptors --map secret/uids.csv

docs/deidentify.md says what is removed and what is not. Exit code: 0 all done; 2 done, some files refused or broken.
`;

interface Flags {
  readonly out: string;
  readonly key: string;
  readonly map?: string;
  readonly retainUids?: boolean;
  readonly shiftDates?: boolean;
  readonly retainPatientCharacteristics?: boolean;
  readonly retainDevice?: boolean;
  readonly cleanDescriptors?: boolean;
  readonly allowBurnedIn?: boolean;
}

/** Adds `pce deidentify`. */
export function addDeidentifyCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('deidentify')
    .description('write copies of DICOM files without the identity of the patient (PS3.15 annex E)')
    .argument('<IN...>', 'files and folders (searched recursively), images and reports')
    .requiredOption('--out <DIR>', 'folder for the copies')
    .requiredOption(
      '--key <FILE>',
      `secret of at least ${LEAST_KEY_BYTES} bytes: the same key gives the same pseudonyms`,
    )
    .option('--map <FILE>', 'write old and new UIDs to this CSV, which leads back to patients: not into --out')
    .option('--retain-uids', 'keep UIDs')
    .option('--shift-dates', 'keep dates, moved by the same days for all of a patient; otherwise they are removed')
    .option('--retain-patient-characteristics', 'keep sex, age (at most 90 years), size, weight and the like')
    .option('--retain-device', 'keep what identifies the device')
    .option('--clean-descriptors', 'keep the technical words of descriptions; otherwise they are removed')
    .option('--allow-burned-in', 'also take images that may show text in their pixels: look at each yourself')
    .addHelpText('after', EXAMPLES)
    .action(async (inputs: string[], flags: Flags) => end(await run(inputs, flags)));
}

async function run(inputs: readonly string[], flags: Flags): Promise<ExitCode> {
  const out = resolve(flags.out);
  for (const [name, file] of [
    ['--key', flags.key],
    ['--map', flags.map],
  ] as const) {
    if (file !== undefined && isInside(out, resolve(file))) throw new UsageError(name, 'a file outside --out', file);
  }
  const pseudonyms = await readKey(flags.key);
  const options = optionsOf(flags);
  const uids = new Map<string, string>();
  const folder = new DeidentifiedFolder(out, pseudonyms, options, (original, replacement) => {
    if (flags.map !== undefined) uids.set(original, replacement);
  });
  await fs.mkdir(out, { recursive: true });
  const counts = { written: 0, mayShowText: 0, refused: 0, broken: 0, notDicom: 0 };
  for await (const file of filesBelow(
    inputs.map((input) => resolve(input)),
    'IN',
  )) {
    if (!isInside(out, file)) count(counts, file, await folder.add(file));
  }
  if (flags.map !== undefined) await writeWhole(flags.map, stringify([['original', 'replacement'], ...uids]));
  const summary = { ...counts, options, version: productVersion(), researchNotice: RESEARCH_NOTICE };
  await writeWhole(join(out, 'deidentified.json'), `${JSON.stringify(summary, null, 2)}\n`);
  process.stdout.write(summaryText(counts));
  if (counts.written + counts.refused + counts.broken === 0)
    throw new UsageError('IN', 'at least one DICOM file', 'none');
  return counts.refused + counts.broken > 0 ? EXIT.finishedWithProblems : EXIT.done;
}

type Counts = Record<'written' | 'mayShowText' | 'refused' | 'broken' | 'notDicom', number>;

/** Counts, and names what was left out on standard error: its path may name a patient and belongs to no output. */
function count(counts: Counts, file: string, outcome: FileOutcome): void {
  if (outcome.kind === 'not-dicom') counts.notDicom += 1;
  else if (outcome.kind === 'written') {
    counts.written += 1;
    if (outcome.mayShowText) counts.mayShowText += 1;
  } else {
    counts[outcome.kind] += 1;
    process.stderr.write(`${outcome.kind}: ${file}: ${outcome.code}: ${outcome.message}\n`);
  }
}

function summaryText(counts: Counts): string {
  const lines = [
    `${counts.written} files written, ${counts.refused} refused, ${counts.broken} broken, ${counts.notDicom} not DICOM`,
    ...(counts.mayShowText > 0
      ? [`${counts.mayShowText} of those written may show text in their pixels: look at each`]
      : []),
    RESEARCH_NOTICE,
  ];
  return `${lines.join('\n')}\n`;
}

function optionsOf(flags: Flags): DeidentifyOptions {
  return {
    retainUids: flags.retainUids === true,
    shiftDates: flags.shiftDates === true,
    retainPatientCharacteristics: flags.retainPatientCharacteristics === true,
    retainDeviceIdentity: flags.retainDevice === true,
    cleanDescriptors: flags.cleanDescriptors === true,
    allowBurnedIn: flags.allowBurnedIn === true,
  };
}

async function readKey(path: string): Promise<Pseudonyms> {
  const key = await fs.readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError('--key', 'a file that can be read', `${path} (${error.code ?? 'unknown error'})`);
  });
  if (key.length < LEAST_KEY_BYTES) {
    throw new UsageError(
      '--key',
      `at least ${LEAST_KEY_BYTES} bytes, such as of head -c 32 /dev/urandom`,
      `${key.length} bytes`,
    );
  }
  return keyedPseudonyms(key);
}

function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '' && !path.startsWith('..');
}
