import type { Analysed, ExamOutcome } from '@pce/shared/contracts/exam-outcome';
import type { Finding, ImageRegion } from '@pce/shared/contracts/finding';
import type { ExamPart, StudyResult } from '@pce/shared/contracts/study-result';
import type { StudyRecord } from '../screen/study-record.js';

export const RESEARCH_NOTICE = 'Research software. Not for clinical use.';

type Cell = string | number | boolean | readonly string[] | null;

/** Columns of findings.csv and keys of findings.ndjson, in order. Explained in docs/outputs.md. */
export const COLUMNS = [
  'row_type',
  'study_instance_uid',
  'series_instance_uid',
  'sop_instance_uid',
  'frame_number',
  'modality',
  'outcome',
  'presence',
  'exam_probability',
  'suggested_urgency',
  'quality',
  'quality_remarks',
  'reason_code',
  'reason_message',
  'emboli_reported',
  'finding_id',
  'kind',
  'assessment',
  'probability',
  'morphology',
  'site',
  'side',
  'zone',
  'lobe',
  'artery_level',
  'length_mm',
  'calibre_mm',
  'volume_mm3',
  'peak_hu',
  'peak_is_clipped',
  'contrast_to_noise',
  'in_detector_plane',
  'centre_column_px',
  'centre_row_px',
  'centre_x_lps_mm',
  'centre_y_lps_mm',
  'centre_z_lps_mm',
  'reasons',
  'slice_spacing_mm',
  'slice_thickness_mm',
  'report_sop_instance_uid',
  'algorithm',
  'algorithm_version',
  'parameters_digest',
  'report_above',
  'instance_set_digest',
  'research_notice',
] as const;
export type Column = (typeof COLUMNS)[number];
export type TableRow = Readonly<Record<Column, Cell>>;

const EMPTY_ROW = Object.fromEntries(COLUMNS.map((column) => [column, null])) as TableRow;

/** The rows of one study: the exam first, then its findings in the order of their numbers. */
export function tableRows(record: StudyRecord): TableRow[] {
  const exam = examRow(record);
  const { result } = record;
  if (result?.outcome.kind !== 'analysed') return [exam];
  const { outcome } = result;
  return [exam, ...outcome.findings.map((finding) => findingRow(exam, result, finding))];
}

function examRow(record: StudyRecord): TableRow {
  const { result } = record;
  const base: TableRow = {
    ...EMPTY_ROW,
    row_type: 'exam',
    study_instance_uid: record.studyInstanceUid,
    modality: record.modalities,
    report_sop_instance_uid: record.reportSopInstanceUid,
    research_notice: RESEARCH_NOTICE,
  };
  if (result === null) {
    return {
      ...base,
      outcome: 'not-analysable',
      reason_code: record.failure?.code ?? null,
      reason_message: record.failure?.message ?? null,
    };
  }
  return {
    ...base,
    ...partCells(result.parts),
    ...outcomeCells(result.outcome),
    algorithm: result.algorithm.name,
    algorithm_version: result.algorithm.version,
    parameters_digest: result.algorithm.parametersDigest,
    report_above: result.algorithm.reportAbove,
    instance_set_digest: result.instanceSetDigest,
  };
}

/** The series analysed; slice geometry only when there is one of it. */
function partCells(parts: readonly ExamPart[]): Partial<TableRow> {
  const analysed = parts.filter((part) => part.outcome.kind === 'analysed');
  const shown = analysed.length > 0 ? analysed : parts;
  const only = shown.length === 1 ? shown[0] : undefined;
  return {
    series_instance_uid: [...new Set(shown.map((part) => part.seriesInstanceUid))],
    slice_spacing_mm: rounded(only?.sliceSpacingMm ?? null, 3),
    slice_thickness_mm: rounded(only?.sliceThicknessMm ?? null, 3),
  };
}

function outcomeCells(outcome: ExamOutcome): Partial<TableRow> {
  if (outcome.kind !== 'analysed') {
    return { outcome: outcome.kind, reason_code: outcome.reason.code, reason_message: outcome.reason.message };
  }
  return {
    outcome: 'analysed',
    presence: outcome.presence,
    exam_probability: rounded(outcome.probability, 4),
    suggested_urgency: outcome.suggestedUrgency,
    quality: outcome.quality.level,
    quality_remarks: outcome.quality.remarks,
    emboli_reported: embolusCount(outcome),
  };
}

/** How many of the findings are emboli, whatever their assessment. */
export function embolusCount(outcome: Analysed): number {
  return outcome.findings.filter((finding) => finding.kind === 'pulmonary-cement-embolism').length;
}

function findingRow(exam: TableRow, result: StudyResult, finding: Finding): TableRow {
  const region = finding.regions[0] as ImageRegion;
  const part = result.parts.find((candidate) => candidate.seriesInstanceUid === region.image.seriesInstanceUid);
  const [column, row] = regionCentrePx(region);
  const { measurements } = finding;
  return {
    ...exam,
    row_type: 'finding',
    series_instance_uid: region.image.seriesInstanceUid,
    sop_instance_uid: region.image.sopInstanceUid,
    frame_number: region.image.frameNumber ?? null,
    modality: part?.modality ?? exam.modality,
    slice_spacing_mm: rounded(part?.sliceSpacingMm ?? null, 3),
    slice_thickness_mm: rounded(part?.sliceThicknessMm ?? null, 3),
    finding_id: finding.id,
    kind: finding.kind,
    assessment: finding.assessment,
    probability: rounded(finding.probability, 4),
    morphology: finding.morphology,
    site: finding.site,
    side: finding.side,
    zone: finding.zone,
    lobe: finding.lobe,
    artery_level: finding.arteryLevel,
    length_mm: rounded(measurements.lengthMm, 2),
    calibre_mm: rounded(measurements.calibreMm, 2),
    volume_mm3: rounded(measurements.volumeMm3, 2),
    peak_hu: rounded(measurements.peakHu, 0),
    peak_is_clipped: measurements.peakIsClipped,
    contrast_to_noise: rounded(measurements.contrastToNoise, 2),
    in_detector_plane: measurements.inDetectorPlane,
    centre_column_px: rounded(column, 2),
    centre_row_px: rounded(row, 2),
    centre_x_lps_mm: rounded(finding.centreLpsMm?.[0] ?? null, 2),
    centre_y_lps_mm: rounded(finding.centreLpsMm?.[1] ?? null, 2),
    centre_z_lps_mm: rounded(finding.centreLpsMm?.[2] ?? null, 2),
    reasons: finding.reasons,
  };
}

/** Middle of the box around a region's points, [column, row] as PS3.3 C.18.6.1 counts. */
export function regionCentrePx(region: ImageRegion): readonly [number, number] {
  const columns = region.pointsPx.map(([column]) => column);
  const rows = region.pointsPx.map(([, row]) => row);
  return [(Math.min(...columns) + Math.max(...columns)) / 2, (Math.min(...rows) + Math.max(...rows)) / 2];
}

function rounded(value: number | null, decimals: number): number | null {
  return value === null ? null : Number(value.toFixed(decimals));
}
