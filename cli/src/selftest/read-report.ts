import { FINDING_CODE, PRESENCE_CODE } from '@pce/reporter/core/codes';
import type { Presence } from '@pce/shared/contracts/exam-outcome';
import { readBareDataset } from '@pce/shared/dicom/bare-dataset';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';

/** What a delivered report says. */
export interface ReadReport {
  readonly sopInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly presence: Presence | null;
}

/** Reads a report that came back as a file; null when it is something else, or is not whole. */
export function readReportFile(bytes: Uint8Array): ReadReport | null {
  try {
    return readReport(readPart10(bytes).dataset);
  } catch {
    return null;
  }
}

/** Reads a report that came back as a data set on an association. */
export function readReportDataset(bytes: Uint8Array, transferSyntaxUid: string): ReadReport | null {
  return readReport(readBareDataset(bytes, transferSyntaxUid));
}

function readReport(dataset: Dataset): ReadReport | null {
  if (dataset.string('Modality') !== 'SR') return null;
  return {
    sopInstanceUid: dataset.string('SOPInstanceUID') ?? '',
    studyInstanceUid: dataset.string('StudyInstanceUID') ?? '',
    presence: presenceIn(dataset),
  };
}

/** The answer to "pulmonary cement embolism", wherever in the tree it stands. */
function presenceIn(item: Dataset): Presence | null {
  for (const child of item.items('ContentSequence')) {
    const concept = child.items('ConceptNameCodeSequence')[0];
    if (codeOf(concept) === keyOf(FINDING_CODE['pulmonary-cement-embolism'])) {
      const value = codeOf(child.items('ConceptCodeSequence')[0]);
      const found = Object.entries(PRESENCE_CODE).find(([, code]) => keyOf(code) === value);
      if (found) return found[0] as Presence;
    }
    const deeper = presenceIn(child);
    if (deeper !== null) return deeper;
  }
  return null;
}

function codeOf(item: Dataset | undefined): string {
  return `${item?.string('CodeValue') ?? ''} ${item?.string('CodingSchemeDesignator') ?? ''}`;
}

function keyOf({ value, scheme }: { value: string; scheme: string }): string {
  return `${value} ${scheme}`;
}
