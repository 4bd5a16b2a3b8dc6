import { promises as fs } from 'node:fs';
import { describeInstance } from '@pce/detector/core/volume/describe-instance';
import { readPart10 } from '@pce/shared/dicom/part10';
import type { Command } from 'commander';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';
import { describeFile } from '../inspect/describe-file.js';
import { describePlan } from '../inspect/describe-plan.js';
import { type Fact, factsObject, factsText } from '../inspect/fact.js';
import { indexStudies } from '../screen/index-studies.js';
import type { IndexedStudy } from '../screen/indexed-instance.js';
import { readInput } from '../screen/read-input.js';
import { scanInputs } from '../screen/scan-inputs.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';

const EXAMPLES = `
Examples:
  pce inspect image.dcm              what is read from the file, and what it would be alone
  pce inspect /archive/study         which series of each study would be analysed, and why
  pce inspect image.dcm --json

Shows no attribute that names a patient.
`;

/** Adds `pce inspect`. */
export function addInspectCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('inspect')
    .description('explain what is read from a file, and whether and why it would be analysed')
    .argument('<FILE>', 'a DICOM file; of a folder or zip archive the plan for each study')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: { json?: boolean }) => {
      const sections = await inspect(path);
      process.stdout.write(flags.json ? toJson(sections) : toText(sections));
      end(EXIT.done);
    });
}

async function inspect(path: string): Promise<Fact[][]> {
  const stats = await fs.stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError('FILE', 'a file or folder that can be read', `${path} (${error.code ?? 'unknown error'})`);
  });
  if (stats.isDirectory() || (await isZip(path))) return inspectStudies(path);
  const file = readPart10(await fs.readFile(path));
  const { broken } = await indexPath(path);
  const plan = broken.length > 0 ? broken : describePlan([describeInstance(file)]);
  return [[...(await describeFile(file)), ...plan.map((fact) => ({ ...fact, label: `Alone: ${fact.label}` }))]];
}

async function isZip(path: string): Promise<boolean> {
  const file = await fs.open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'PK\x03\x04';
  } finally {
    await file.close();
  }
}

async function inspectStudies(path: string): Promise<Fact[][]> {
  const { studyList, broken } = await indexPath(path);
  const sections: Fact[][] = [];
  for (const study of studyList) sections.push(await inspectStudy(study));
  return broken.length > 0 ? [...sections, broken] : sections;
}

/** The studies in a place as `pce screen` would find them, and what it could not use. */
async function indexPath(path: string): Promise<{ studyList: readonly IndexedStudy[]; broken: Fact[] }> {
  const broken: Fact[] = [];
  const { studyList } = await indexStudies(scanInputs([path], { exclude: new Set() }), {
    problem: ({ severity, path: where, what, received }) => {
      if (severity !== 'ignored') {
        broken.push({ key: 'broken', label: 'Broken', value: `${where}: ${what}: ${received}` });
      }
    },
    progress: () => {},
    stopped: () => false,
  });
  return { studyList, broken };
}

async function inspectStudy({ studyInstanceUid, instances }: IndexedStudy): Promise<Fact[]> {
  const headers = [];
  const broken: Fact[] = [];
  for (const { location, path } of instances) {
    try {
      headers.push(describeInstance(readPart10(await readInput(location))));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      broken.push({ key: 'broken', label: 'Broken', value: `${path}: ${message}` });
    }
  }
  return [
    { key: 'studyInstanceUid', label: 'Study Instance UID', value: studyInstanceUid },
    { key: 'instances', label: 'Instances', value: instances.length },
    ...describePlan(headers),
    ...broken,
  ];
}

function toText(sections: readonly (readonly Fact[])[]): string {
  return `${sections.map(factsText).join('\n')}${RESEARCH_NOTICE}\n`;
}

function toJson(sections: readonly (readonly Fact[])[]): string {
  const objects = sections.map(factsObject);
  return `${JSON.stringify({ inspected: objects, researchNotice: RESEARCH_NOTICE }, null, 2)}\n`;
}
