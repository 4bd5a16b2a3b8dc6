import type { StudyTruth } from '@pce/test-support/truth';

/** A lesion, or a mimic, as someone says it is there. */
export interface TrueLesion {
  readonly kind: string;
  /** Which mimic, null for cement. */
  readonly mimic: string | null;
  readonly shape: string | null;
  readonly site: string | null;
  readonly side: string | null;
  readonly zone: string | null;
  readonly calibreMm: number | null;
  readonly lengthMm: number | null;
  readonly isVisible: boolean;
  /** Where it shows: on an image, or through the patient. */
  readonly place:
    | {
        readonly kind: 'image';
        readonly sopInstanceUid: string;
        readonly polylinesPx: readonly (readonly (readonly number[])[])[];
      }
    | { readonly kind: 'patient'; readonly polylinesLpsMm: readonly (readonly (readonly number[])[])[] };
}

/** Where an axial image lies. */
export interface ImagePlace {
  readonly positionLpsMm: readonly number[];
  readonly pixelSpacingMm: number;
}

/** What is true of one exam. */
export interface TrueExam {
  readonly studyInstanceUid: string;
  readonly patient: string;
  readonly isPositive: boolean;
  readonly sliceSpacingMm: number | null;
  readonly lesions: readonly TrueLesion[];
  readonly images: ReadonlyMap<string, ImagePlace>;
  /** Names of groups figures are also given for, besides technique. */
  readonly subgroups: readonly string[];
  /** Millimetres a pixel of images without a place of their own, null when not known. */
  readonly pixelSpacingMm: number | null;
}

/** Truth written by `pce simulate`. */
export function examFromTruth(truth: StudyTruth): TrueExam {
  const images = new Map((truth.images ?? []).map((image) => [image.sopInstanceUid, image] as const));
  return {
    studyInstanceUid: truth.studyInstanceUid,
    patient: truth.patient,
    isPositive: truth.presence === 'present',
    sliceSpacingMm: truth.sliceSpacingMm,
    images,
    pixelSpacingMm: null,
    subgroups: [],
    lesions: truth.objects.map((object) => ({
      kind: object.kind,
      mimic: object.mimic,
      shape: object.morphology,
      site: object.site,
      side: object.side,
      zone: object.zone,
      calibreMm: object.calibreMm,
      lengthMm: object.lengthMm,
      isVisible: object.visible,
      place:
        truth.sopInstanceUid === null
          ? { kind: 'patient', polylinesLpsMm: object.centrelinesLpsMm }
          : { kind: 'image', sopInstanceUid: truth.sopInstanceUid, polylinesPx: object.polylinesPx },
    })),
  };
}

/** One line of a reader's table, by column name; see docs/evaluate.md. */
export type TruthRow = Readonly<Record<string, string>>;

/**
 * Truth of a reader's table: a line for each lesion, or one line without a place for an exam that has none.
 *
 * @throws RangeError naming the line and column of a value that cannot be read
 */
export function examsFromRows(rows: readonly TruthRow[]): TrueExam[] {
  const exams = new Map<string, TruthRow[]>();
  rows.forEach((row, index) => {
    const uid = row.studyInstanceUid ?? '';
    if (!/^[0-9.]+$/.test(uid)) throw badCell(index, 'studyInstanceUid', 'a UID', uid);
    if (row.presence !== 'present' && row.presence !== 'absent') {
      throw badCell(index, 'presence', 'present or absent', row.presence ?? '');
    }
    exams.set(uid, [...(exams.get(uid) ?? []), row]);
  });
  return [...exams].map(([studyInstanceUid, lines]) => {
    const spacing = numberIn(lines[0]!, 'pixelSpacingMm', rows);
    return {
      studyInstanceUid,
      patient: lines[0]!.patient || studyInstanceUid,
      isPositive: lines.some((line) => line.presence === 'present'),
      sliceSpacingMm: numberIn(lines[0]!, 'sliceSpacingMm', rows),
      pixelSpacingMm: spacing,
      images: new Map(),
      subgroups: (lines[0]!.subgroup ?? '').split(';').flatMap((name) => name.trim() || []),
      lesions: lines.filter((line) => line.sopInstanceUid).map((line) => lesionOf(line, rows)),
    };
  });
}

function lesionOf(row: TruthRow, rows: readonly TruthRow[]): TrueLesion {
  const point = (column: string, line: string): number[] | null => {
    const [x, y] = [numberIn(row, column, rows), numberIn(row, line, rows)];
    return x === null || y === null ? null : [x, y];
  };
  const points = [point('column', 'row'), point('column2', 'row2')].filter((one) => one !== null);
  return {
    kind: row.kind || 'pulmonary-cement-embolism',
    mimic: row.mimic || null,
    shape: row.shape || null,
    site: row.site || null,
    side: row.side || null,
    zone: row.zone || null,
    calibreMm: numberIn(row, 'calibreMm', rows),
    lengthMm: numberIn(row, 'lengthMm', rows),
    isVisible: true,
    place: { kind: 'image', sopInstanceUid: row.sopInstanceUid!, polylinesPx: [points] },
  };
}

function numberIn(row: TruthRow, column: string, rows: readonly TruthRow[]): number | null {
  const text = row[column];
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (!Number.isFinite(value)) throw badCell(rows.indexOf(row), column, 'a number', text);
  return value;
}

function badCell(index: number, column: string, expected: string, received: string): RangeError {
  return new RangeError(
    `Truth, line ${index + 2}, ${column}: expected ${expected}; received ${JSON.stringify(received)}.`,
  );
}
