import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { previewReport, type ReportPreview } from '@pce/reporter/adapters/preview-report';
import { destinationsInUse, reportMaterial } from '@pce/reporter/start-reporter';
import type { Command } from 'commander';
import { EXIT, type ExitCode, UsageError } from '../exit-codes.js';
import { reachService } from '../serve/reach-service.js';
import { readServeConfig } from '../serve/read-serve-config.js';

const EXAMPLES = `
Builds the objects and messages of the study's current result for each destination, as the settings of \`pce serve\`
say, and shows them: nothing is stored or sent. Messages may carry patient data.

Examples:
  pce report --dry-run 1.2.840.1
  pce report --dry-run 1.2.840.1 --out preview      also writes the files
`;

/** Adds `pce report --dry-run`. */
export function addReportCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('report')
    .description('show what would be sent of a study')
    .argument('<STUDY>', 'Study Instance UID')
    .requiredOption('--dry-run', 'build everything and send nothing')
    .option('--out <FOLDER>', 'write the objects and messages there')
    .addHelpText('after', EXAMPLES)
    .action(async (study: string, { out }: { out?: string }) => {
      const preview = await findPreview(study);
      if (!preview) throw new UsageError('pce report', 'a study with a result to report', 'one without');
      process.stdout.write(describe(preview));
      if (out !== undefined) await writeFiles(preview, out);
      end(EXIT.done);
    });
}

/** What does not stop the preview, such as an archive of earlier reports that does not answer. */
function toStandardError(level: string, event: string, fields: Readonly<Record<string, unknown>>): void {
  process.stderr.write(`${level}: ${event} ${JSON.stringify(fields)}\n`);
}

async function findPreview(study: string): Promise<ReportPreview | null> {
  if (!/^[\d.]{1,64}$/.test(study)) throw new UsageError('STUDY', 'a UID of digits and dots', study);
  const config = await readServeConfig(process.env);
  const reached = await reachService(config, process.env.PCE_API_KEY);
  if (reached.kind === 'state') {
    const { state } = reached;
    const { file } = config;
    const clock = { now: () => new Date() };
    const material = reportMaterial({ ...state, config: file, clock, log: toStandardError, aeTitle: file.aeTitle });
    const destinations = destinationsInUse(file, file.dataFolder);
    return previewReport(study, destinations, material).finally(() => state.close());
  }
  const answer = await reached.get(`/studies/${study}/report-preview`);
  if (answer.status === 404) return null;
  const preview = (await answer.json()) as ReportPreview & { files: { bytes: unknown }[] };
  const files = preview.files.map((file) => ({ ...file, bytes: Buffer.from(String(file.bytes), 'base64') }));
  return { ...preview, files };
}

function describe({ deliveries, resultId }: ReportPreview): string {
  const lines = deliveries.flatMap(({ destination, skipped, objects, message }) => [
    `${destination}: ${skipped ?? (message === null ? `${objects.length} objects` : 'a message')}`,
    ...objects.map(({ kind, sopInstanceUid, byteLength }) => `  ${kind}  ${sopInstanceUid}  ${byteLength} bytes`),
    ...(message === null ? [] : message.split(/[\r\n]+/).map((line) => `  ${line}`)),
  ]);
  return `result ${resultId}\n${lines.join('\n')}\n`;
}

async function writeFiles({ files, deliveries }: ReportPreview, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { kind, sopInstanceUid, bytes } of files) {
    await writeFile(join(folder, `${kind}.${sopInstanceUid}.dcm`), bytes);
  }
  for (const { destination, message } of deliveries) {
    if (message !== null) await writeFile(join(folder, `${destination}.message`), message);
  }
}
