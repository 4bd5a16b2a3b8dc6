import type { Analysed } from '@pce/shared/contracts/exam-outcome';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import { type SampleKind, sampleResult } from '@pce/test-support/sample-results';
import { describe, expect, it } from 'vitest';
import { CONCEPT, type Code, FINDING_CODE, isSameCode } from './codes.js';
import { type ContainerItem, type ContentItem, walkContent } from './content-item.js';
import { measurementReport, ReportError } from './measurement-report.js';

const OBSERVER = { uid: '2.25.1', name: 'a', manufacturer: 'b', modelName: 'c', serialNumber: 'd' };
const EMBOLISM = FINDING_CODE['pulmonary-cement-embolism'];
const report = (result: SampleKind | StudyResult) =>
  measurementReport(typeof result === 'string' ? sampleResult(result) : result, OBSERVER, null);

const under = (parent: ContentItem, concept: Code) =>
  parent.children.filter((child) => child.concept !== null && isSameCode(child.concept, concept));
const groupsOf = (root: ContainerItem) =>
  under(under(root, CONCEPT.imagingMeasurements)[0]!, CONCEPT.measurementGroup) as ContainerItem[];

/** What a group says about a concept, in words: numbers with units, meanings of codes, texts. */
function said(parent: ContentItem, concept: Code): string[] {
  return under(parent, concept).map((item) => {
    if (item.valueType === 'NUM') return `${item.decimal} ${item.unit.value}`;
    if (item.valueType === 'CODE') return item.value.meaning;
    return item.valueType === 'TEXT' ? item.text : item.valueType;
  });
}

function changed(kind: SampleKind, change: (outcome: Analysed) => Partial<Analysed>): StudyResult {
  const result = sampleResult(kind);
  const outcome = result.outcome as Analysed;
  return { ...result, outcome: { ...outcome, ...change(outcome) } };
}

describe('the exam group', () => {
  it.each<[SampleKind, string, string, string, string, string]>([
    ['ct-positive', 'Present', '2 1', '97.1 %', 'All algorithms succeeded; with findings', 'Diagnostic quality'],
    ['ct-negative', 'Absent', '0 1', '98.3 %', 'All algorithms succeeded; without findings', 'Limited quality'],
    [
      'ct-indeterminate',
      'Undetermined',
      '0 1',
      '34 %',
      'All algorithms succeeded; with findings',
      'Diagnostic quality',
    ],
    ['ct-numerous', 'Present', '14 1', '99.99 %', 'All algorithms succeeded; with findings', 'Diagnostic quality'],
    [
      'ct-candidates-only',
      'Absent',
      '0 1',
      '98.77 %',
      'All algorithms succeeded; without findings',
      'Diagnostic quality',
    ],
    ['ct-leak-and-vertebra', 'Absent', '0 1', '98 %', 'All algorithms succeeded; with findings', 'Diagnostic quality'],
    ['film-positive', 'Present', '1 1', '88 %', 'All algorithms succeeded; with findings', 'Diagnostic quality'],
    ['film-negative', 'Absent', '0 1', '98.3 %', 'All algorithms succeeded; without findings', 'Diagnostic quality'],
    ['ct-and-films', 'Present', '1 1', '98 %', 'Not all algorithms succeeded; with findings', 'Diagnostic quality'],
  ])('of %s says %s, %s lesions, %s', (kind, presence, lesions, certainty, summary, quality) => {
    const [exam] = groupsOf(report(kind));
    expect(said(exam!, EMBOLISM)).toEqual([presence]);
    expect(said(exam!, CONCEPT.numberOfLesions)).toEqual([lesions]);
    expect(said(exam!, CONCEPT.certaintyOfFinding)).toEqual([certainty]);
    expect(said(exam!, CONCEPT.findingsSummary)).toEqual([summary]);
    expect(said(exam!, CONCEPT.imagingStudyQuality)).toEqual([quality]);
    expect(said(exam!, CONCEPT.comment).at(-1)).toContain('Research software, not for clinical use');
  });

  it.each<SampleKind>(['not-analysable', 'not-analysable-without-images'])(
    'of %s is undetermined, without numbers',
    (kind) => {
      const [exam, ...others] = groupsOf(report(kind));
      expect(others).toEqual([]);
      expect(said(exam!, EMBOLISM)).toEqual(['Undetermined']);
      expect(said(exam!, CONCEPT.imagingStudyQuality)).toEqual(['Non-diagnostic quality']);
      expect(said(exam!, CONCEPT.findingsSummary)).toEqual(['No algorithms succeeded; without findings']);
      expect(said(exam!, CONCEPT.comment)[0]).toContain('Not analysable: expected evenly spaced slices');
      expect(exam!.children.filter((item) => item.valueType === 'NUM')).toEqual([]);
    },
  );

  it('never says absent when a part could not be read and nothing was found: it says which', () => {
    const [exam] = groupsOf(report('ct-and-films'));
    expect(said(exam!, CONCEPT.comment).join()).toContain('DX series not analysable');
  });

  it('says numerous above twelve, and counts all the same', () => {
    const twelve = changed('ct-numerous', ({ findings }) => ({ findings: findings.slice(0, 12) }));
    expect(said(groupsOf(report(twelve))[0]!, CONCEPT.comment)[0]).toBe(
      'Pulmonary cement embolism suspected: 12 emboli.',
    );
    expect(said(groupsOf(report('ct-numerous'))[0]!, CONCEPT.comment)[0]).toContain('numerous emboli (14 marked)');
  });

  it('recommends CT for a mark on a film only, and only when no CT was read', () => {
    const advice = (kind: SampleKind) =>
      said(groupsOf(report(kind))[0]!, CONCEPT.comment)
        .join()
        .includes('CT recommended');
    expect(advice('film-positive')).toBe(true);
    expect(advice('film-negative')).toBe(false);
    expect(advice('ct-positive')).toBe(false);
    expect(advice('ct-and-films')).toBe(false);
  });

  it('counts indeterminate marks and candidates apart', () => {
    expect(said(groupsOf(report('ct-indeterminate'))[0]!, CONCEPT.numberOfIndeterminateFindings)).toEqual(['1 1']);
    expect(said(groupsOf(report('ct-candidates-only'))[0]!, CONCEPT.numberOfCandidates)).toEqual(['1 1']);
  });

  it('suggests an urgency for findings, none for a negative', () => {
    const urgency = (kind: SampleKind) => said(groupsOf(report(kind))[0]!, CONCEPT.suggestedUrgency);
    expect(urgency('film-positive')).toEqual(['ACR Category 2 Actionable Finding']);
    expect(urgency('ct-negative')).toEqual([]);
  });
});

describe('the groups of findings', () => {
  it('measure an embolus on CT', () => {
    const [, first] = groupsOf(report('ct-positive'));
    expect(said(first!, CONCEPT.trackingIdentifier)).toEqual(['PCE 1']);
    expect(said(first!, CONCEPT.length)).toEqual(['23.4 mm']);
    expect(said(first!, CONCEPT.diameter)).toEqual(['2.6 mm']);
    expect(said(first!, CONCEPT.volume)).toEqual(['118.2 mm3']);
    expect(said(first!, CONCEPT.attenuation)).toEqual(["3071 [hnsf'U]"]);
    expect(said(first!, CONCEPT.certaintyOfFinding)).toEqual(['98 %']);
    expect(said(first!, CONCEPT.causativeAgent)).toEqual(['Bone cement']);
    expect(said(first!, CONCEPT.shape)).toEqual(['tubular']);
    const [site] = under(first!, CONCEPT.findingSite);
    expect(said(site!, CONCEPT.laterality)).toEqual(['Right']);
    expect(said(site!, CONCEPT.topographicalModifier)).toEqual(['Lower lobe of lung']);
    expect(said(first!, CONCEPT.comment)).toEqual([
      'Suspected cement embolus, right lower lobe, segmental or smaller pulmonary artery.',
      'tubular, aspect 9.0; in line with an artery; denser than contrast medium',
      'Attenuation is at least 3071 HU: clipped at the end of the CT number scale.',
    ]);
  });

  it('qualify a clipped attenuation and no other', () => {
    const qualifiers = groupsOf(report('ct-positive'))
      .flatMap((group) => under(group, CONCEPT.attenuation))
      .map((item) => item.valueType === 'NUM' && item.qualifier?.meaning);
    expect(qualifiers).toEqual(['Value out of range', undefined]);
  });

  it('say of film lengths that they hold in the detector plane', () => {
    const [, first] = groupsOf(report('film-positive'));
    const [length] = under(first!, CONCEPT.length);
    expect(said(length!, CONCEPT.measurementMethod)).toEqual(['Measured in the detector plane']);
    expect(said(first!, CONCEPT.diameter)).toEqual([]);
    expect(said(first!, CONCEPT.attenuation)).toEqual([]);
    const [site] = under(first!, CONCEPT.findingSite);
    expect(said(site!, CONCEPT.topographicalModifier)).toEqual(['Middle zone of lung']);
  });

  it('state as present only what is suspected', () => {
    expect(said(groupsOf(report('ct-positive'))[1]!, EMBOLISM)).toEqual(['Present']);
    expect(said(groupsOf(report('ct-indeterminate'))[1]!, EMBOLISM)).toEqual(['Undetermined']);
    expect(said(groupsOf(report('ct-candidates-only'))[1]!, EMBOLISM)).toEqual(['Undetermined']);
    expect(said(groupsOf(report('ct-candidates-only'))[1]!, CONCEPT.assessment)).toEqual([
      'Candidate below operating point',
    ]);
  });

  it('name leak and vertebral cement by their own codes', () => {
    const [, leak, vertebra] = groupsOf(report('ct-leak-and-vertebra'));
    expect(said(leak!, CONCEPT.finding)).toEqual(['Venous leak of bone cement']);
    expect(said(leak!, CONCEPT.findingSite)).toEqual(['Azygos vein']);
    expect(said(leak!, CONCEPT.trackingIdentifier)).toEqual(['Venous leak 1']);
    expect(said(vertebra!, CONCEPT.finding)).toEqual(['Bone cement in vertebra']);
    const [region] = under(vertebra!, CONCEPT.imageRegion);
    expect(region).toMatchObject({ graphicType: 'POINT', pointsPx: [[256, 300]] });
  });

  it('name the large arteries by their own codes', () => {
    const at = (arteryLevel: 'main' | 'right-or-left' | 'lobar') =>
      changed('ct-positive', ({ findings }) => ({ findings: [{ ...findings[0]!, arteryLevel }] }));
    const site = (result: StudyResult) => said(groupsOf(report(result))[1]!, CONCEPT.findingSite);
    expect(site(at('main'))).toEqual(['Main pulmonary artery']);
    expect(site(at('right-or-left'))).toEqual(['Right pulmonary artery']);
    expect(site(at('lobar'))).toEqual(['Pulmonary artery']);
  });
});

describe('the image library', () => {
  const libraryOf = (kind: SampleKind) => under(report(kind), CONCEPT.imageLibrary)[0]!;

  it('has a group per part with every image the tree refers to', () => {
    const groups = libraryOf('ct-and-films').children;
    expect(groups.map((group) => said(group, CONCEPT.modality))).toEqual([
      ['Computed Tomography'],
      ['Digital Radiography'],
      ['Digital Radiography'],
    ]);
    const listed = new Set(
      [...walkContent(libraryOf('ct-numerous'))].flatMap((item) =>
        item.valueType === 'IMAGE' ? [item.image.sopInstanceUid] : [],
      ),
    );
    const referred = [...walkContent(report('ct-numerous'))].flatMap((item) =>
      item.valueType === 'IMAGE' ? [item.image.sopInstanceUid] : [],
    );
    expect(listed.size).toBe(14);
    expect(referred.filter((uid) => !listed.has(uid))).toEqual([]);
  });

  it('lists the one frame of a multi-frame image that matters', () => {
    const images = [...walkContent(libraryOf('ct-enhanced-positive'))].filter((item) => item.valueType === 'IMAGE');
    expect(images.map((item) => item.image.frameNumber)).toEqual([44]);
  });

  it('leaves out a malformed frame of reference', () => {
    const result = sampleResult('ct-negative');
    const parts = result.parts.map((part) => ({ ...part, frameOfReferenceUid: '1.02' }));
    const [library] = under(report({ ...result, parts }), CONCEPT.imageLibrary);
    expect(under(library!.children[0]!, CONCEPT.frameOfReferenceUid)).toEqual([]);
  });

  it('shows the middle slice of a negative CT', () => {
    const images = [...walkContent(libraryOf('ct-negative'))].filter((item) => item.valueType === 'IMAGE');
    expect(images.map((item) => item.image.sopInstanceUid)).toEqual([
      sampleResult('ct-negative').parts[0]!.images[75]!.sopInstanceUid,
    ]);
  });
});

describe('measurementReport', () => {
  it('refuses what no report may be made of', () => {
    const reason = { code: 'modality', message: 'MR is not read' };
    const notApplicable: StudyResult = { ...sampleResult('ct-negative'), outcome: { kind: 'not-applicable', reason } };
    expect(() => report(notApplicable)).toThrow(ReportError);
  });

  it('refuses a finding on an image that was not analysed', () => {
    const stray = changed('ct-positive', ({ findings }) => {
      const [region] = findings[0]!.regions;
      return {
        findings: [
          { ...findings[0]!, regions: [{ ...region!, image: { ...region!.image, sopInstanceUid: '1.2.3' } }] },
        ],
      };
    });
    expect(() => report(stray)).toThrow(ReportError);
  });

  it('keeps odd texts out of the tree', () => {
    const odd = changed('ct-positive', ({ findings }) => ({
      quality: { level: 'limited', remarks: ['\u0000', ' \ud800 ', 'a\u001bb'] },
      findings: [{ ...findings[0]!, reasons: [] }],
    }));
    const comments = said(groupsOf(report(odd))[0]!, CONCEPT.comment);
    expect(comments).toContain('a b');
    expect(comments).not.toContain('');
  });
});
