import { join } from 'node:path';
import { deliveryWay } from '@pce/reporter/config';
import { UsageError } from '../exit-codes.js';
import type { ServeConfig } from '../serve/serve-config.js';
import { FolderReports } from './folder-reports.js';
import { PacsReports } from './pacs-reports.js';
import type { ReportSource } from './report-source.js';

/**
 * Where the configured service delivers: the destination named, or the first one that can be looked at.
 *
 * @throws UsageError when there is none
 */
export async function openReportSource(file: ServeConfig['file'], name: string | undefined): Promise<ReportSource> {
  if (file.destinations.length === 0) return FolderReports.open(join(file.dataFolder, 'outbox'));
  const wanted = file.destinations.filter((destination) => name === undefined || destination.name === name);
  for (const { folder, cStore } of wanted) {
    if (folder) return FolderReports.open(folder.path);
    if (cStore) return new PacsReports({ ...cStore, ownAeTitle: cStore.callingAeTitle ?? file.aeTitle });
  }
  const received =
    wanted.map((destination) => `${destination.name} (${deliveryWay(destination)})`).join(', ') || 'none';
  throw new UsageError('destination', 'a folder or a PACS (cStore)', received);
}
