import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom } from '@pce/test-support/dicom-builder';
import { buildSmallSlice, type SmallSliceOptions, smallSlicePosition } from '@pce/test-support/small-ct';
import { buildSmallFilm } from '@pce/test-support/small-film';
import { uidFromSeed } from '@pce/test-support/uid-from-seed';
import { describe, expect, it } from 'vitest';
import { describeInstance } from './describe-instance.js';
import type { InstanceHeader } from './instance-header.js';
import { planStudy, type StudyPlan } from './plan-study.js';

interface SeriesOptions extends Partial<SmallSliceOptions> {
  readonly name: string;
  readonly spacingMm: number;
  readonly count: number;
  readonly fromMm?: number;
}

function series({ name, spacingMm, count, fromMm = 0, ...more }: SeriesOptions): InstanceHeader[] {
  return Array.from({ length: count }, (_, k) => {
    const positionLpsMm = smallSlicePosition(fromMm + k * spacingMm);
    const attributes = { InstanceNumber: k + 1, ...more.attributes };
    const options = { series: name, sliceThicknessMm: spacingMm, ...more, seed: `${k} ${more.seed}`, positionLpsMm };
    return describeInstance(readPart10(buildSmallSlice({ ...options, attributes })));
  });
}

function film(seed: string, attributes: Record<string, unknown> = {}): InstanceHeader {
  return describeInstance(readPart10(buildSmallFilm({ seed, columns: 8, rows: 8, attributes })));
}

function other(modality: string, attributes: Record<string, unknown> = {}): InstanceHeader {
  const bytes = buildDicom({
    attributes: {
      Modality: modality,
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
      SOPInstanceUID: uidFromSeed(`other ${modality}`),
      StudyInstanceUID: uidFromSeed('study'),
      SeriesInstanceUID: uidFromSeed(`other series ${modality}`),
      ...attributes,
    },
  });
  return describeInstance(readPart10(bytes));
}

const CHEST = { name: 'chest', spacingMm: 3, count: 80 } as const;

/** Slice count, spacing and kernel of the image set that is read first. */
function chosen(plan: StudyPlan) {
  const part = plan.parts[0];
  if (part?.kind !== 'ct') throw new Error(`not CT: ${JSON.stringify(part)}`);
  const [best] = part.candidates;
  return { count: best!.sliceCount, spacingMm: best!.spacingMm, kernel: best!.headers[0]!.frames[0]!.kernel };
}

function outcomes(plan: StudyPlan): string[] {
  return plan.parts.map((part) =>
    part.kind === 'refused' ? `${part.outcome.kind} ${part.outcome.reason.code}` : part.kind,
  );
}

describe('the choice among CT series', () => {
  it('takes the thinner of two that cover the chest, whatever the order', () => {
    const thick = series({ name: 'thick', spacingMm: 5, count: 60 });
    const thin = series(CHEST);
    for (const headers of [
      [...thick, ...thin],
      [...thin, ...thick],
    ]) {
      const plan = planStudy(headers);
      expect(chosen(plan)).toMatchObject({ count: 80, spacingMm: 3 });
      expect(plan.passedOver[0]?.reason.message).toContain('has the thinner slices');
    }
  });

  it('takes the whole chest before thin slices of a part of it', () => {
    const plan = planStudy([...series({ name: 'part', spacingMm: 1, count: 130 }), ...series(CHEST)]);
    expect(chosen(plan).spacingMm).toBe(3);
    const part = plan.parts[0];
    expect(part?.kind === 'ct' && part.why).toContain('covers the whole chest');
  });

  it('splits two kernels in one series and takes the softer', () => {
    const soft = series(CHEST);
    const sharp = series({ ...CHEST, seed: 'sharp', attributes: { ConvolutionKernel: 'B70f' } });
    const plan = planStudy([...sharp, ...soft]);
    expect(chosen(plan)).toEqual({ count: 80, spacingMm: 3, kernel: 'B30f' });
    expect(plan.passedOver[0]?.images).toHaveLength(80);
  });

  it('splits two acquisitions at the same positions, but not step-and-shoot slices', () => {
    const twice = [...series(CHEST), ...series({ ...CHEST, seed: 'second', attributes: { AcquisitionNumber: 2 } })];
    expect(chosen(planStudy(twice)).count).toBe(80);
    const stepped = series(CHEST).map((header, k) => ({
      ...header,
      frames: header.frames.map((frame) => ({ ...frame, acquisitionNumber: k })),
    }));
    expect(chosen(planStudy(stepped)).count).toBe(80);
  });

  it('tells two sets apart by their order when nothing else does', () => {
    const first = series(CHEST);
    const second = series({ ...CHEST, seed: 'again', attributes: {} }).map((header) => ({
      ...header,
      instanceNumber: header.instanceNumber! + 80,
    }));
    const part = planStudy([...second, ...first]).parts[0];
    if (part?.kind !== 'ct') throw new Error('no CT');
    expect(part.candidates.map((set) => set.sliceCount)).toEqual([80, 80]);
    const numbers = part.candidates.map((set) => Math.max(...set.headers.map((header) => header.instanceNumber!)));
    expect(numbers.sort((a, b) => a - b)).toEqual([80, 160]);
  });

  it('cuts a series where the slice distance changes for good', () => {
    const chest = series(CHEST);
    const below = series({ ...CHEST, fromMm: -150, spacingMm: 5, count: 30, seed: 'abdomen', sliceThicknessMm: 3 });
    expect(chosen(planStudy([...chest, ...below]))).toMatchObject({ spacingMm: 3, count: 80 });
  });

  it('cuts a series at a wide gap', () => {
    const plan = planStudy([...series(CHEST), ...series({ ...CHEST, fromMm: 400, count: 40, seed: 'upper' })]);
    expect(chosen(plan).count).toBe(80);
  });

  it('leaves out localizers, dose pages and projections, and says why', () => {
    const plan = planStudy([
      ...series(CHEST),
      ...series({
        name: 'scout',
        spacingMm: 3,
        count: 1,
        attributes: { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] },
      }),
      ...series({ name: 'mip', spacingMm: 3, count: 80, attributes: { ImageType: ['DERIVED', 'SECONDARY', 'MIP'] } }),
      ...series({ name: 'dose', spacingMm: 3, count: 1, attributes: { SOPClassUID: '1.2.840.10008.5.1.4.1.1.7' } }),
    ]);
    expect(outcomes(plan)).toEqual(['ct']);
    expect(plan.passedOver.map(({ reason }) => reason.code).sort()).toEqual([
      'localizer',
      'processed-image',
      'secondary-capture',
    ]);
  });

  it.each([
    ['not-applicable localizer', { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }],
    ['not-applicable not-chest', { BodyPartExamined: 'HEAD' }],
    ['not-applicable not-chest', { BodyPartExamined: undefined, SeriesDescription: 'Knee bone' }],
    ['not-analysable processed-image', { ImageType: ['DERIVED', 'SECONDARY', 'MIP'] }],
    ['not-analysable not-hounsfield', { RescaleType: 'US' }],
    ['not-analysable not-axial', { ImageOrientationPatient: [1, 0, 0, 0, 0, -1] }],
  ])('answers %s when there is nothing else', (expected, attributes) => {
    expect(outcomes(planStudy(series({ ...CHEST, attributes })))).toEqual([expected]);
  });
});

describe('radiographs', () => {
  it('are all read, of chest, spine or unknown part', () => {
    const plan = planStudy([
      film('pa'),
      film('lateral', { ViewPosition: 'LL' }),
      film('spine', { BodyPartExamined: 'TSPINE' }),
      film('unknown', { BodyPartExamined: undefined }),
      film('no term', { BodyPartExamined: 'DEFAULT' }),
      film('thorax', { BodyPartExamined: undefined, SeriesDescription: 'Thorax p.a.' }),
    ]);
    expect(outcomes(plan)).toEqual(Array(6).fill('radiograph'));
  });

  it.each([
    [{ BodyPartExamined: 'KNEE' }],
    [{ BodyPartExamined: 'CSPINE' }],
    [{ BodyPartExamined: 'ABDOMEN' }],
    [{ BodyPartExamined: 'UNKNOWN', SeriesDescription: 'Hand dv' }],
    [
      {
        BodyPartExamined: 'CHEST',
        AnatomicRegionSequence: [{ CodeValue: '818981001', CodingSchemeDesignator: 'SCT' }],
      },
    ],
    [{ BodyPartExamined: undefined, SeriesDescription: 'Schulter links' }],
    [{ BodyPartExamined: undefined, StudyDescription: 'XR ankle 2 views' }],
    [{ Modality: 'MG', BodyPartExamined: 'BREAST' }],
  ])('of other parts are not applicable: %j', (attributes) => {
    const [part] = planStudy([film('other', attributes)]).parts;
    expect(part).toMatchObject({ kind: 'refused', outcome: { kind: 'not-applicable' } });
  });

  it('for processing are left out beside their image for presentation', () => {
    const raw = film('raw', { PresentationIntentType: 'FOR PROCESSING' });
    const byReference = film('shown', { SourceImageSequence: [{ ReferencedSOPInstanceUID: raw.sopInstanceUid }] });
    const plan = planStudy([raw, byReference]);
    expect(plan.parts).toEqual([{ kind: 'radiograph', header: byReference }]);
    expect(plan.passedOver).toMatchObject([{ reason: { code: 'for-processing' } }]);
    const moment = { AcquisitionDate: '20260101', AcquisitionTime: '120000' };
    const sameMoment = planStudy([
      film('raw', { PresentationIntentType: 'FOR PROCESSING', ...moment }),
      film('shown', moment),
    ]);
    expect(sameMoment.parts).toHaveLength(1);
    expect(planStudy([raw, film('another')]).parts).toHaveLength(2);
  });

  it('without pixels cannot be judged', () => {
    const header = { ...film('pa'), hasPixelData: false };
    expect(outcomes(planStudy([header]))).toEqual(['not-analysable no-pixel-data']);
  });
});

describe('other objects', () => {
  it('of kinds we do not read answer not applicable when there is nothing else', () => {
    expect(outcomes(planStudy([other('MR'), other('US')]))).toEqual([
      'not-applicable modality',
      'not-applicable modality',
    ]);
  });

  it('are passed over beside images we read, reports and our own objects always', () => {
    const plan = planStudy([film('pa'), other('MR'), other('SR'), other('KO'), other('SEG')]);
    expect(outcomes(plan)).toEqual(['radiograph']);
    expect(plan.passedOver.map(({ reason }) => reason.code).sort()).toEqual([
      'modality',
      'not-an-image',
      'not-an-image',
      'not-an-image',
    ]);
    expect(planStudy([other('SR')]).parts).toEqual([]);
  });
});
