import { readBareDataset } from '@pce/shared/dicom/bare-dataset';
import { type SmallDataset, writeSmallDataset } from '@pce/shared/dicom/small-dataset-writer';
import type { Association } from '@pce/shared/dimse/association';
import { CollectedDataset } from '@pce/shared/dimse/collected-dataset';
import { openAssociation } from '@pce/shared/dimse/scu';
import { find, get } from '@pce/shared/dimse/scu-operations';
import type { StoreDecision, StoreRequest } from '@pce/shared/dimse/services';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN, SOP_CLASS } from '@pce/shared/dimse/sop-classes';
import { STATUS } from '@pce/shared/dimse/status';
import { type ReadReport, readReportDataset } from './read-report.js';
import { type DeliveredReport, lookUntil, type ReportSource } from './report-source.js';

/** The PACS that reports are delivered to; it has to answer C-FIND and C-GET. */
export interface PacsAddress {
  host: string;
  port: number;
  aeTitle: string;
  ownAeTitle: string;
}

/** Comprehensive 3D SR and Comprehensive SR. Source: PS3.6 annex A. */
const REPORT_CLASSES = ['1.2.840.10008.5.1.4.1.1.88.34', '1.2.840.10008.5.1.4.1.1.88.33'];
const PLAIN = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];

/** Reports that a PACS holds: asked for by C-FIND, fetched by C-GET. */
export class PacsReports implements ReportSource {
  readonly description: string;
  readonly #address: PacsAddress;

  constructor(address: PacsAddress) {
    this.#address = address;
    this.description = `the PACS ${address.aeTitle} at ${address.host}:${address.port} (C-STORE, back by C-FIND and C-GET)`;
  }

  waitFor(studyInstanceUid: string, patienceMs: number): Promise<DeliveredReport | null> {
    return lookUntil(patienceMs, async () => {
      const fetched: ReadReport[] = [];
      const association = await this.#open((report) => fetched.push(report));
      try {
        for (const series of await findReportSeries(association, studyInstanceUid)) {
          const at = Date.now();
          const keys = { StudyInstanceUID: studyInstanceUid, SeriesInstanceUID: series };
          const identifier = identifierFor(association, SOP_CLASS.studyRootGet, {
            QueryRetrieveLevel: 'SERIES',
            ...keys,
          });
          for await (const _ of get(association, SOP_CLASS.studyRootGet, identifier));
          const report = fetched.find((one) => one.studyInstanceUid === studyInstanceUid);
          if (report) return { at, report };
        }
        return null;
      } finally {
        await association.release();
      }
    });
  }

  async close(): Promise<void> {}

  #open(fetched: (report: ReadReport) => void): Promise<Association> {
    const { host, port, aeTitle, ownAeTitle } = this.#address;
    const abstractSyntaxes = [SOP_CLASS.studyRootFind, SOP_CLASS.studyRootGet, ...REPORT_CLASSES];
    return openAssociation({
      host,
      port,
      callingAeTitle: ownAeTitle,
      calledAeTitle: aeTitle,
      contexts: abstractSyntaxes.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: PLAIN })),
      roles: REPORT_CLASSES.map((sopClassUid) => ({ sopClassUid, scu: false, scp: true })),
      services: { store: (request) => takeReport(request, fetched) },
    });
  }
}

async function findReportSeries(association: Association, studyInstanceUid: string): Promise<string[]> {
  const query: SmallDataset = {
    QueryRetrieveLevel: 'SERIES',
    StudyInstanceUID: studyInstanceUid,
    SeriesInstanceUID: '',
    Modality: 'SR',
  };
  const identifier = identifierFor(association, SOP_CLASS.studyRootFind, query);
  const { transferSyntax } = association.contextFor(SOP_CLASS.studyRootFind, null);
  const series: string[] = [];
  for await (const bytes of find(association, SOP_CLASS.studyRootFind, identifier)) {
    const uid = readBareDataset(bytes, transferSyntax).string('SeriesInstanceUID');
    if (uid) series.push(uid);
  }
  return series;
}

function identifierFor(association: Association, sopClass: string, query: SmallDataset): Buffer {
  const { transferSyntax } = association.contextFor(sopClass, null);
  return writeSmallDataset(query, transferSyntax !== IMPLICIT_VR_LITTLE_ENDIAN);
}

function takeReport({ context }: StoreRequest, fetched: (report: ReadReport) => void): StoreDecision {
  const dataset = new CollectedDataset();
  const end = async () => {
    const report = readReportDataset(dataset.bytes(), context.transferSyntax);
    if (report) fetched(report);
    return { status: STATUS.success };
  };
  return { kind: 'take', sink: { write: (bytes) => dataset.write(bytes), end, discard: () => {} } };
}
