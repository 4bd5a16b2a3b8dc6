import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALGORITHM_NAME, ALGORITHM_VERSION } from '@pce/detector/core/algorithm';
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { writeWhole } from '../output/write-file.js';
import { productVersion } from '../product.js';
import { commissioningPage, outcomeLine } from '../selftest/commissioning-report.js';
import { EmbeddedPacs } from '../selftest/embedded-pacs.js';
import { openReportSource } from '../selftest/open-report-source.js';
import type { ReportSource } from '../selftest/report-source.js';
import { isInTime, isRight, runSelftest, type SelftestOutcome } from '../selftest/run-selftest.js';
import { selftestStudies } from '../selftest/selftest-studies.js';
import type { ServiceAddress } from '../selftest/send-study.js';
import { readServeConfig } from '../serve/read-serve-config.js';
import { type Serving, serve } from '../serve/serve.js';
import { RESEARCH_NOTICE } from '../tables/table-row.js';

interface Flags {
  readonly standalone?: boolean;
  readonly slices: number;
  readonly out: string;
  readonly destination?: string;
}

/** What is tested: a service that runs already, or one of our own. */
interface Bench {
  address: ServiceAddress;
  reports: ReportSource;
  end(): Promise<void>;
}

const CALLING_AE_TITLE = 'PCE_SELFTEST';

const HELP = `
Sends simulated studies to the running service by C-STORE, as a modality would, waits for each report to arrive where
the configuration delivers it, and compares it with what was simulated. Uses the settings of \`pce serve\`.

Examples:
  pce selftest                     against the service that runs with the same settings
  pce selftest --standalone        starts a service of its own with a PACS of its own; touches no data
  pce selftest --destination pacs  waits at this destination (a folder, or a PACS that answers C-FIND and C-GET)

Exit code: 0 every answer right and in time; 2 not so (see the page); 1 could not do its job.
`;

/** Adds `pce selftest`. */
export function addSelftestCommand(program: Command, end: (code: ExitCode) => void): void {
  program
    .command('selftest')
    .description('send simulated studies through the service and check what comes out')
    .option('--standalone', 'test a service started for this alone')
    .option('--destination <NAME>', 'where to wait for the reports (default: the first folder or PACS)')
    .option('--slices <N>', 'slices of each CT', wholeNumber, 300)
    .option('--out <FILE>', 'the commissioning report', 'selftest.html')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      end(await run(flags));
    });
}

async function run(flags: Flags): Promise<ExitCode> {
  const bench = flags.standalone ? await ownBench() : await liveBench(flags.destination);
  const outcomes: SelftestOutcome[] = [];
  try {
    process.stdout.write(`${RESEARCH_NOTICE}\nSimulating four studies: this takes a minute or so.\n`);
    const studies = [...selftestStudies(`${Date.now()}`, flags.slices)];
    for await (const outcome of runSelftest(studies, bench.address, bench.reports)) {
      outcomes.push(outcome);
      process.stdout.write(outcomeLine(outcome));
    }
  } finally {
    await bench.end();
  }
  const { host, port, calledAeTitle } = bench.address;
  const page = commissioningPage({
    at: new Date(),
    productVersion: productVersion(),
    algorithm: `${ALGORITHM_NAME} ${ALGORITHM_VERSION}`,
    processors: `${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}`,
    service: `${calledAeTitle} at ${host}:${port}${flags.standalone ? ', started for the test' : ''}`,
    destination: bench.reports.description,
    outcomes,
  });
  await writeWhole(flags.out, page);
  process.stdout.write(`Commissioning report: ${flags.out}\n`);
  return outcomes.every((one) => isRight(one) && isInTime(one)) ? EXIT.done : EXIT.finishedWithProblems;
}

async function liveBench(destination: string | undefined): Promise<Bench> {
  const { file } = await readServeConfig(process.env);
  const { host, port } = file.dicom;
  const reports = await openReportSource(file, destination);
  const address = {
    host: host === '0.0.0.0' ? '127.0.0.1' : host,
    port,
    callingAeTitle: CALLING_AE_TITLE,
    calledAeTitle: file.aeTitle,
  };
  return { address, reports, end: () => reports.close() };
}

/** A service with a folder of its own that delivers to a PACS of ours. */
async function ownBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'pce-selftest-'));
  const pacs = await EmbeddedPacs.start();
  const yaml = JSON.stringify({
    watermarkBytes: 0,
    destinations: [
      { name: 'selftest', objects: ['sr'], cStore: { host: '127.0.0.1', port: pacs.port, aeTitle: pacs.aeTitle } },
    ],
  });
  const environment = { PCE_DATA_DIR: folder, PCE_DIMSE_PORT: '0', PCE_HTTP_PORT: '0' };
  const config = await readServeConfig(environment, yaml);
  const serving: Serving = await serve(config, () => {});
  return {
    address: {
      host: '127.0.0.1',
      port: serving.dicomPort ?? 0,
      callingAeTitle: CALLING_AE_TITLE,
      calledAeTitle: config.file.aeTitle,
    },
    reports: pacs,
    end: async () => {
      await serving.stop(1000);
      await pacs.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError(`Expected a whole number from 1; received ${JSON.stringify(text)}.`);
}
