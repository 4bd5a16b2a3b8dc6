import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../exit-codes.js';
import type { OutputFolder } from '../../output/output-folder.js';
import type { Shard } from '../shard.js';
import type { StudySource } from '../study-source.js';
import type { Archive } from './archive.js';
import { archiveSource } from './archive-source.js';
import { dimseArchive } from './dimse-archive.js';
import { Pace, parseWindow } from './pace.js';
import { describeQueries, parseQuery, readList } from './read-queries.js';
import { webArchive } from './web-archive.js';

/** Options of `pce screen` that name a PACS. */
export interface ArchiveFlags {
  readonly qido?: string;
  readonly tokenFile?: string;
  readonly aet?: string;
  readonly host?: string;
  readonly port?: number;
  readonly ownAet: string;
  readonly ownPort?: number;
  readonly query?: readonly string[];
  readonly list?: string;
  readonly keep?: boolean;
  readonly maxPerMinute?: number;
  readonly window?: string;
}

/** A PACS ready to be screened from. */
export interface OpenedArchive {
  /** For the manifest: no secret, no patient. */
  readonly description: readonly string[];
  source(output: OutputFolder, shard: Shard | null, note: (text: string) => void): StudySource;
}

export function addArchiveOptions(command: Command, wholeNumber: (text: string) => number): Command {
  return command
    .option('--qido <URL>', 'screen from a DICOMweb server: its base address')
    .option('--token-file <FILE>', 'bearer token for the DICOMweb server')
    .option('--aet <TITLE>', 'screen from a PACS by DICOM: its AE title')
    .option('--host <NAME>', 'the PACS: host name or address')
    .option('--port <N>', 'the PACS: port', wholeNumber)
    .option('--own-aet <TITLE>', 'our AE title', 'PCE')
    .option('--own-port <N>', 'receive by C-MOVE on this port (default: C-GET)', wholeNumber)
    .option('--query <KEYWORD=VALUE...>', 'which studies, such as StudyDate=20250101-20251231')
    .option('--list <CSV>', 'which studies: accession numbers, or a column study_instance_uid')
    .option('--keep', 'keep fetched images in the output folder')
    .option('--max-per-minute <N>', 'fetch at most so many studies a minute', wholeNumber)
    .option('--window <HH:MM-HH:MM>', 'fetch only at this time of day, such as 20:00-06:00');
}

/**
 * The PACS the flags name; null when they name none.
 *
 * @throws UsageError
 */
export async function openArchive(flags: ArchiveFlags): Promise<OpenedArchive | null> {
  if (flags.qido === undefined && flags.aet === undefined) return null;
  if (flags.qido !== undefined && flags.aet !== undefined) {
    throw new UsageError('source', 'one of --qido and --aet', 'both');
  }
  const queries = [
    ...(flags.query ? [parseQuery(flags.query)] : []),
    ...(flags.list === undefined ? [] : await readList(flags.list)),
  ];
  if (queries.length === 0) throw new UsageError('source', '--query or --list, to say which studies', 'neither');
  const pace = new Pace({
    maxPerMinute: flags.maxPerMinute ?? null,
    window: flags.window === undefined ? null : parseWindow(flags.window),
  });
  const archive = flags.qido === undefined ? await overDimse(flags) : await overWeb(flags.qido, flags.tokenFile);
  const name = flags.qido === undefined ? `PACS ${flags.aet}` : `DICOMweb ${new URL(flags.qido).host}`;
  return {
    description: [name, describeQueries(queries)],
    source: (output, shard, note) =>
      archiveSource({
        archive,
        queries,
        shard,
        pace,
        note,
        workFolder: output.workFolder,
        keepFolder: flags.keep ? join(output.path, 'images') : null,
      }),
  };
}

async function overWeb(url: string, tokenFile: string | undefined): Promise<Archive> {
  if (!URL.canParse(url))
    throw new UsageError('--qido', 'an address such as https://pacs.example/dicom-web', 'another');
  const token = tokenFile === undefined ? null : (await fs.readFile(tokenFile, 'utf8')).trim();
  return webArchive(url, token);
}

function overDimse({ aet, host, port, ownAet, ownPort }: ArchiveFlags): Promise<Archive> {
  if (aet === undefined || host === undefined || port === undefined) {
    throw new UsageError('--aet', '--host and --port with it', 'one without');
  }
  return dimseArchive({ host, port, aeTitle: aet, ownAeTitle: ownAet, ownPort: ownPort ?? null });
}
