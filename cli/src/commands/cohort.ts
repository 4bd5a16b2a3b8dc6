import { join } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { cohortFacts, cohortPage, timePlot } from '../cohort/cohort-page.js';
import { type Cohort, describeCohort } from '../cohort/describe-cohort.js';
import { readCohortExams, readProcedures } from '../cohort/read-cohort.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { plotSvg } from '../figures/plot.js';
import { writeWhole } from '../output/write-file.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';

const EXAMPLES = `
Examples:
  pce cohort results --procedures procedures.csv
  pce cohort results --procedures procedures.csv --out cohort.html --figures figures

procedures.csv has the columns patient_id, procedure_date (2024-03-01) and procedure_code. docs/cohort.md says how exams
are put to procedures.
`;

interface Flags {
  readonly procedures: string;
  readonly out?: string;
  readonly figures?: string;
  readonly json?: boolean;
}

/** Adds `pce cohort`. */
export function addCohortCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('cohort')
    .description('incidence by procedure, leak and embolism, time since the procedure, beside the literature')
    .argument('<DIR>', 'folder pce screen wrote, with findings.csv and reports')
    .requiredOption('--procedures <FILE>', 'CSV of procedures')
    .option('--out <FILE>', 'also write a page')
    .option('--figures <DIR>', 'also write the figure as SVG and its numbers as CSV')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, flags: Flags) => {
      const procedures = await readProcedures(flags.procedures);
      const { exams, withoutOwner } = await readCohortExams(folder);
      if (withoutOwner > 0) {
        process.stderr.write(`${withoutOwner} exams left out: no report with a Patient ID and a study date\n`);
      }
      const cohort = describeCohort(exams, procedures);
      if (flags.out !== undefined) await writeWhole(flags.out, cohortPage(cohort));
      if (flags.figures !== undefined) await writeFigures(flags.figures, cohort);
      const lines = cohortFacts(cohort).map(([name, text]) => `${name}: ${text}`);
      const json = JSON.stringify({ ...cohort, researchNotice: RESEARCH_NOTICE }, null, 2);
      process.stdout.write(flags.json ? `${json}\n` : `${[...lines, RESEARCH_NOTICE].join('\n')}\n`);
      end(EXIT.done);
    });
}

async function writeFigures(folder: string, cohort: Cohort): Promise<void> {
  await writeWhole(join(folder, 'time-since-procedure.svg'), plotSvg(timePlot(cohort)));
  const rows = cohort.timeBands.map(({ name, positive: { hits, total, value, low, high } }) => [
    ...[name, hits, total],
    ...(value === null ? ['', '', ''] : [value, low, high]),
  ]);
  const header = ['time', 'exams_with_embolism', 'exams', 'share', 'low', 'high'];
  await writeWhole(join(folder, 'time-since-procedure.csv'), stringify([header, ...rows]));
}
