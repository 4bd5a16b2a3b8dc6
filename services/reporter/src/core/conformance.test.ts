import { SAMPLE_KINDS, sampleResult } from '@pce/test-support/sample-results';
import { describe, expect, it } from 'vitest';
import { CONCEPT, type Code, isSameCode } from './codes.js';
import { assertConformance, ConformanceError, findViolations } from './conformance.js';
import type { ContainerItem, ContentItem } from './content-item.js';
import { measurementReport } from './measurement-report.js';

const OBSERVER = { uid: '2.25.1', name: 'a', manufacturer: 'b', modelName: 'c', serialNumber: 'd' };
const report = (kind: (typeof SAMPLE_KINDS)[number]) => measurementReport(sampleResult(kind), OBSERVER, null);
const film = report('film-positive');

/** A copy of a tree with every item put through `change`; null takes an item out. Constructors are passed by on purpose. */
function mutate(item: ContentItem, change: (item: ContentItem) => ContentItem | null): ContainerItem {
  const children = item.children.flatMap((child) => {
    const changed = change(child);
    return changed === null ? [] : [mutate(changed, change)];
  });
  return { ...item, children } as ContainerItem;
}

const named = (item: ContentItem, concept: Code) => item.concept !== null && isSameCode(item.concept, concept);
const without = (concept: Code) => mutate(film, (item) => (named(item, concept) ? null : item));
const rulesOf = (root: ContentItem) => findViolations(root).map((violation) => violation.rule);

describe('findViolations', () => {
  it.each(SAMPLE_KINDS)('finds nothing in the report of %s', (kind) => {
    expect(findViolations(report(kind))).toEqual([]);
  });

  describe('the seven errors no public validator reports', () => {
    it('1. Procedure reported is missing', () => {
      expect(rulesOf(without(CONCEPT.procedureReported))).toEqual(['exactly one "Procedure reported"']);
    });

    it('2. a Tracking Unique Identifier is missing', () => {
      expect(rulesOf(without(CONCEPT.trackingUniqueIdentifier))).toContain('exactly one "Tracking Unique Identifier"');
    });

    it.each([
      ['the root', CONCEPT.imagingMeasurementReport, 'template 1500 at the root'],
      ['a group', CONCEPT.measurementGroup, 'template 1501 or 1410 on a measurement group'],
    ])('3. the template of %s is missing', (_, concept, rule) => {
      const drop = (item: ContentItem) =>
        named(item, concept) ? ({ ...item, templateId: null } as ContainerItem) : item;
      expect(rulesOf(mutate(drop(film), drop))).toContain(rule);
    });

    it('4. the language is missing', () => {
      expect(rulesOf(without(CONCEPT.language))).toEqual(['exactly one "Language of Content Item and Descendants"']);
    });

    it('5. the observer is missing', () => {
      expect(rulesOf(without(CONCEPT.observerType))).toContain('exactly one "Observer Type"');
      expect(rulesOf(without(CONCEPT.deviceObserverUid))).toEqual(['exactly one "Device Observer UID"']);
    });

    it('6. the title is another one', () => {
      const titled = { ...film, concept: CONCEPT.imagingMeasurements };
      expect(rulesOf(titled)).toContain('title (126000, DCM, "Imaging Measurement Report")');
      const misspelt = { ...film, concept: { ...film.concept, meaning: 'Imaging Measurements Report' } };
      expect(rulesOf(misspelt)).toContain('title (126000, DCM, "Imaging Measurement Report")');
    });

    it('7. a coding scheme is misspelt, in a name, a value or a unit', () => {
      const misspell = (code: Code): Code => ({
        ...code,
        scheme: code.scheme.replace('RADLEX', 'RADLX').replace('UCUM', 'UCUMM'),
      });
      const misspelt = mutate(film, (item) => {
        if (item.valueType === 'CODE') return { ...item, value: misspell(item.value) };
        if (item.valueType === 'NUM') return { ...item, unit: misspell(item.unit) };
        return item;
      });
      const rules = rulesOf(misspelt).join();
      expect(rules).toContain('code (RID4832, RADLX, "methylmethacrylate embolism")');
      expect(rules).toContain('code (%, UCUMM, "Percent")');
    });
  });

  it.each<[string, (item: ContentItem) => ContentItem | null, string]>([
    [
      'a second exam group',
      (item) => (named(item, CONCEPT.measurementGroup) ? ({ ...item, templateId: '1501' } as ContainerItem) : item),
      'exactly one exam group',
    ],
    ['no image library', (item) => (named(item, CONCEPT.imageLibrary) ? null : item), 'exactly one "Image Library"'],
    [
      'no algorithm version',
      (item) => (named(item, CONCEPT.algorithmVersion) ? null : item),
      'exactly one "Algorithm Version"',
    ],
    [
      'a nameless item in a group',
      (item) => (named(item, CONCEPT.comment) ? ({ ...item, concept: null } as unknown as ContentItem) : item),
      'a concept name',
    ],
    [
      'a number of the exam without source',
      (item) => (item.valueType === 'NUM' ? { ...item, children: [] } : item),
      'a number without region has a source',
    ],
    [
      'a region without image',
      (item) => (item.valueType === 'SCOORD' ? { ...item, children: [] } : item),
      'a region is selected from one image',
    ],
    [
      'a lesion without region',
      (item) => (item.valueType === 'SCOORD' ? null : item),
      'one region in 1410, none in 1501',
    ],
    [
      'a site that is contained',
      (item) => (named(item, CONCEPT.laterality) ? { ...item, relationship: 'CONTAINS' } : item),
      'relationship CONTAINS from CODE',
    ],
    [
      'equal tracking UIDs',
      (item) => (item.valueType === 'UIDREF' ? { ...item, uid: '1.2.3' } : item),
      'all Tracking Unique Identifiers differ',
    ],
    [
      'another UID before the tracking UID',
      (item) =>
        named(item, CONCEPT.trackingIdentifier) ? ({ ...item, valueType: 'UIDREF', uid: '1.2' } as ContentItem) : item,
      'the Tracking Unique Identifier is the first UIDREF',
    ],
  ])('finds %s', (_, change, rule) => {
    expect(rulesOf(mutate(film, change))).toContain(rule);
  });

  it('is what keeps a report from being written', () => {
    expect(() => assertConformance(film)).not.toThrow();
    expect(() => assertConformance(without(CONCEPT.language))).toThrow(ConformanceError);
  });
});
