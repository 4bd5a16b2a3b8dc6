import { CONCEPT, type Code, isKnownCode, isSameCode, VALUE } from './codes.js';
import { type ContainerItem, type ContentItem, isAllowedRelationship, walkContent } from './content-item.js';

/** One breach of TID 1500 or of a rule of ours, by the item it concerns. */
export interface Violation {
  readonly rule: string;
  readonly item: string;
}

/** Every part of our own reports that no public validator checks has a rule here; see ADR 4. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
  constructor(readonly violations: readonly Violation[]) {
    super(
      `structured report: expected no violation; received ${violations.map((v) => `${v.rule} (${v.item})`).join(', ')}`,
    );
  }
}

const LEAST_OBSERVER_CONTEXT: readonly Code[] = [CONCEPT.observerType, CONCEPT.deviceObserverUid];
const GROUP_TEMPLATES: readonly (string | null)[] = ['1501', '1410'];

const nameOf = (item: ContentItem): string => item.concept?.meaning ?? item.valueType;

const childrenNamed = (item: ContentItem, concept: Code): ContentItem[] =>
  item.children.filter((child) => child.concept !== null && isSameCode(child.concept, concept));

function codesOf(item: ContentItem): Code[] {
  const codes = item.concept ? [item.concept] : [];
  if (item.valueType === 'CODE') codes.push(item.value);
  if (item.valueType === 'NUM') codes.push(item.unit, ...(item.qualifier ? [item.qualifier] : []));
  return codes;
}

/** Collects what is wrong, so that one report shows all of it. */
class Findings {
  readonly violations: Violation[] = [];

  expect(holds: boolean, rule: string, item: ContentItem): void {
    if (!holds) this.violations.push({ rule, item: nameOf(item) });
  }

  /** The item has a child of this concept and relationship, exactly one. */
  expectOne(parent: ContentItem, concept: Code, relationship: string): void {
    const found = childrenNamed(parent, concept).filter((child) => child.relationship === relationship);
    this.expect(found.length === 1, `exactly one "${concept.meaning}"`, parent);
  }
}

function checkRoot(root: ContentItem, found: Findings): void {
  found.expect(
    root.valueType === 'CONTAINER' &&
      isSameCode(root.concept, CONCEPT.imagingMeasurementReport) &&
      isKnownCode(root.concept),
    'title (126000, DCM, "Imaging Measurement Report")',
    root,
  );
  found.expect(root.valueType === 'CONTAINER' && root.templateId === '1500', 'template 1500 at the root', root);
  found.expectOne(root, CONCEPT.language, 'HAS CONCEPT MOD');
  for (const concept of LEAST_OBSERVER_CONTEXT) found.expectOne(root, concept, 'HAS OBS CONTEXT');
  const observer = childrenNamed(root, CONCEPT.observerType)[0];
  found.expect(
    observer?.valueType === 'CODE' && isSameCode(observer.value, VALUE.device),
    'the observer is a device',
    root,
  );
  found.expectOne(root, CONCEPT.procedureReported, 'HAS CONCEPT MOD');
  found.expectOne(root, CONCEPT.imageLibrary, 'CONTAINS');
  found.expectOne(root, CONCEPT.imagingMeasurements, 'CONTAINS');
}

function checkGroup(group: ContainerItem, found: Findings): void {
  found.expect(GROUP_TEMPLATES.includes(group.templateId), 'template 1501 or 1410 on a measurement group', group);
  found.expectOne(group, CONCEPT.trackingIdentifier, 'HAS OBS CONTEXT');
  found.expectOne(group, CONCEPT.trackingUniqueIdentifier, 'HAS OBS CONTEXT');
  found.expectOne(group, CONCEPT.finding, 'CONTAINS');
  const firstUid = group.children.find((child) => child.valueType === 'UIDREF');
  found.expect(
    firstUid?.concept !== undefined && isSameCode(firstUid.concept!, CONCEPT.trackingUniqueIdentifier),
    'the Tracking Unique Identifier is the first UIDREF',
    group,
  );
  const regions = group.children.filter((child) => child.valueType === 'SCOORD');
  found.expect(regions.length === (group.templateId === '1410' ? 1 : 0), 'one region in 1410, none in 1501', group);
  if (regions.length > 0) return;
  for (const child of group.children) {
    found.expect(child.valueType !== 'NUM' || child.children.length > 0, 'a number without region has a source', child);
  }
}

/** A group without region is about the exam, or about an embolus no longer seen. */
const isExamGroup = (group: ContainerItem): boolean =>
  group.templateId === '1501' && childrenNamed(group, CONCEPT.changeSincePrior).length === 0;

function checkGroups(measurements: ContentItem, found: Findings): void {
  const groups = measurements.children.filter((child) => child.valueType === 'CONTAINER');
  found.expect(groups.filter(isExamGroup).length === 1, 'exactly one exam group', measurements);
  for (const group of groups) checkGroup(group, found);
  const uids = groups.flatMap((group) =>
    childrenNamed(group, CONCEPT.trackingUniqueIdentifier).map((item) => (item.valueType === 'UIDREF' ? item.uid : '')),
  );
  found.expect(new Set(uids).size === uids.length, 'all Tracking Unique Identifiers differ', measurements);
  for (const concept of [CONCEPT.algorithmName, CONCEPT.algorithmVersion]) {
    found.expectOne(measurements, concept, 'HAS CONCEPT MOD');
  }
}

function checkItem(item: ContentItem, found: Findings): void {
  for (const code of codesOf(item)) {
    found.expect(isKnownCode(code), `code (${code.value}, ${code.scheme}, "${code.meaning}") is in our tables`, item);
  }
  for (const child of item.children) {
    const allowed =
      child.relationship !== null && isAllowedRelationship(item.valueType, child.relationship, child.valueType);
    found.expect(allowed, `relationship ${child.relationship} from ${item.valueType}`, child);
  }
  if (item.valueType === 'SCOORD') {
    found.expect(item.children.length === 1, 'a region is selected from one image', item);
  }
}

/** Viewers read the name of every item under the root and under a group without asking whether there is one. */
function checkNames(parent: ContentItem, found: Findings): void {
  for (const child of parent.children) found.expect(child.concept !== null, 'a concept name', child);
}

/**
 * Checks a report's content tree against TID 1500 as we use it, the errors public validators pass over included:
 * title, template identification, language, observer, procedure reported, tracking UIDs, every code's spelling.
 *
 * @returns what is wrong, empty when nothing is
 * Source: PS3.16 TID 1500, 1501, 1410; OHIF's measurement hydration
 */
export function findViolations(root: ContentItem): Violation[] {
  const found = new Findings();
  checkRoot(root, found);
  checkNames(root, found);
  for (const measurements of childrenNamed(root, CONCEPT.imagingMeasurements)) {
    checkGroups(measurements, found);
    for (const group of childrenNamed(measurements, CONCEPT.measurementGroup)) checkNames(group, found);
  }
  for (const item of walkContent(root)) checkItem(item, found);
  return found.violations;
}

/** @throws ConformanceError when the tree is not a report we may send */
export function assertConformance(root: ContentItem): void {
  const violations = findViolations(root);
  if (violations.length > 0) throw new ConformanceError(violations);
}
