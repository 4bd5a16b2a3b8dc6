import { promises as fs } from 'node:fs';
import { describeInstance } from '@pce/detector/core/volume/describe-instance';
import { planStudy } from '@pce/detector/core/volume/plan-study';
import { readRadiograph } from '@pce/detector/core/volume/read-radiograph';
import { type DicomFile, readPart10 } from '@pce/shared/dicom/part10';
import { decodeFrame } from '@pce/shared/dicom/pixel-data';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';

/** One line of the explanation. */
type Entry = readonly [name: string, value: string | number | boolean | null];

const EXAMPLES = `
Examples:
  pce inspect image.dcm
  pce inspect image.dcm --json

Shows no attribute that names a patient.
`;

/** Adds `pce inspect`. */
export function addInspectCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('inspect')
    .description('explain what is read from a file, and whether and why it would be analysed')
    .argument('<FILE>', 'one DICOM file')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: { json?: boolean }) => {
      const entries = await inspect(readPart10(await fs.readFile(path)));
      process.stdout.write(flags.json ? toJson(entries) : toText(entries));
      end(EXIT.done);
    });
}

async function inspect(file: DicomFile): Promise<Entry[]> {
  const header = describeInstance(file);
  const entries: Entry[] = [
    ['Study Instance UID', header.studyInstanceUid],
    ['Series Instance UID', header.seriesInstanceUid],
    ['SOP Instance UID', header.sopInstanceUid],
    ['SOP Class UID', header.sopClassUid],
    ['Transfer syntax', `${file.transferSyntax.name} (${file.transferSyntaxUid})`],
    ['Modality', header.modality],
    ['Image type', header.imageType.join('\\')],
    ['Columns x rows x frames', `${header.columns} x ${header.rows} x ${header.frameCount}`],
    ['Pixels', `${header.photometricInterpretation}, ${file.dataset.number('BitsStored') ?? '?'} bits stored`],
    ['Body part', header.bodyPart],
    ['Decoding', await decoding(file)],
    ...(header.frames.length > 0 ? sliceEntries(header.frames[0]!) : []),
    ...(await filmEntries(file, header.modality)),
    ...decision(file),
  ];
  return [...entries, ...file.remarks.map((remark): Entry => ['Remark', remark])];
}

async function decoding(file: DicomFile): Promise<string> {
  if (file.pixelData === null) return 'no pixel data';
  try {
    const { columns, rows, pixels } = await decodeFrame(file, 0);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const value of pixels) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return `first frame ${columns} x ${rows}, stored values ${low} to ${high}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type Frame = ReturnType<typeof describeInstance>['frames'][number];

function sliceEntries(frame: Frame): Entry[] {
  const { rescale } = frame;
  return [
    ['Pixel spacing, mm', frame.spacingMm?.join(' x ') ?? null],
    ['Slice thickness, mm', frame.sliceThicknessMm],
    ['Position (LPS), mm', frame.positionLpsMm?.join(', ') ?? null],
    ['Rescale', rescale ? `${rescale.slope} * stored + ${rescale.intercept} ${rescale.type ?? 'HU'}` : null],
    ['Kernel', frame.kernel],
  ];
}

async function filmEntries(file: DicomFile, modality: string): Promise<Entry[]> {
  if (modality === 'CT' || file.pixelData === null) return [];
  try {
    const read = await readRadiograph(file);
    if (read.kind !== 'radiograph') return [];
    const film = read.radiograph;
    return [
      ['View', `${film.view} (from ${film.viewSource === 'tags' ? 'the tags' : 'the image'})`],
      ['Shows', film.bodyPart],
      ['Calibration', film.calibration],
      ['Pixel spacing, mm', film.spacingMm?.join(' x ') ?? null],
      ['Patient left is on the', film.patientLeftIsOn],
    ];
  } catch {
    // `Decoding` says why.
    return [];
  }
}

function decision(file: DicomFile): Entry[] {
  const plan = planStudy([describeInstance(file)]);
  const parts = plan.parts.map((part): Entry => {
    if (part.kind === 'refused') return ['Alone it would be', `${part.outcome.kind}: ${part.outcome.reason.message}`];
    return ['Alone it would be', part.kind === 'ct' ? `analysed as CT: ${part.why}` : 'analysed as a radiograph'];
  });
  const passedOver = plan.passedOver.map(
    (passed): Entry => ['Alone it would be', `left out: ${passed.reason.message}`],
  );
  return [...parts, ...passedOver];
}

function toText(entries: readonly Entry[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  const lines = entries.map(([name, value]) => `${name.padEnd(width)}  ${value ?? '(not stated)'}`);
  return `${lines.join('\n')}\n${RESEARCH_NOTICE}\n`;
}

function toJson(entries: readonly Entry[]): string {
  return `${JSON.stringify({ entries: entries.map(([name, value]) => ({ name, value })), notice: RESEARCH_NOTICE }, null, 2)}\n`;
}
