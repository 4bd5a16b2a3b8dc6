import type { ImageReference } from '@pce/shared/contracts/image-reference';
import { isUid } from '@pce/shared/dicom/uid';
import type { Code } from './codes.js';
import { formatDecimalString } from './decimal-string.js';

export type Relationship =
  | 'CONTAINS'
  | 'HAS OBS CONTEXT'
  | 'HAS CONCEPT MOD'
  | 'HAS ACQ CONTEXT'
  | 'HAS PROPERTIES'
  | 'INFERRED FROM'
  | 'SELECTED FROM';

interface ItemBase {
  /** Null for the root only. */
  readonly relationship: Relationship | null;
  readonly children: readonly ContentItem[];
}
interface NamedItem extends ItemBase {
  readonly concept: Code;
}

export interface ContainerItem extends NamedItem {
  readonly valueType: 'CONTAINER';
  /** TID of PS3.16 the container follows, or null where none is stated. */
  readonly templateId: string | null;
}
export interface CodeItem extends NamedItem {
  readonly valueType: 'CODE';
  readonly value: Code;
}
export interface TextItem extends NamedItem {
  readonly valueType: 'TEXT';
  readonly text: string;
}
export interface NumItem extends NamedItem {
  readonly valueType: 'NUM';
  /** The number as it will be written. */
  readonly decimal: string;
  readonly unit: Code;
  readonly qualifier: Code | null;
}
export interface UidItem extends NamedItem {
  readonly valueType: 'UIDREF';
  readonly uid: string;
}
export interface ScoordItem extends NamedItem {
  readonly valueType: 'SCOORD';
  readonly graphicType: GraphicType;
  /** [column, row] pairs. Source: PS3.3 C.18.6.1. */
  readonly pointsPx: readonly (readonly [number, number])[];
}
export interface ImageItem extends ItemBase {
  readonly valueType: 'IMAGE';
  /** Null in the image library, where an image stands for itself. */
  readonly concept: Code | null;
  readonly image: ImageReference;
}
export interface CompositeItem extends NamedItem {
  readonly valueType: 'COMPOSITE';
  /** The document referred to: an earlier report. */
  readonly document: DocumentReference;
}
/** A document by its place in the study it belongs to. */
export interface DocumentReference {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}
export type ContentItem =
  | ContainerItem
  | CodeItem
  | TextItem
  | NumItem
  | UidItem
  | ScoordItem
  | ImageItem
  | CompositeItem;
export type ValueType = ContentItem['valueType'];
export type GraphicType = 'POINT' | 'POLYLINE';

/** A content item that DICOM does not allow. Carries the rule, never a patient's data. */
export class ContentItemError extends Error {
  override readonly name = 'ContentItemError';
  constructor(
    readonly item: string,
    readonly expected: string,
    readonly received: string,
  ) {
    super(`${item}: expected ${expected}; received ${received}`);
  }
}

const CONTEXT_VALUES: readonly ValueType[] = ['TEXT', 'CODE', 'NUM', 'UIDREF'];
const ANY_VALUE: readonly ValueType[] = ['TEXT', 'CODE', 'NUM', 'UIDREF', 'SCOORD', 'IMAGE', 'COMPOSITE', 'CONTAINER'];
const ANY_SOURCE: readonly ValueType[] = [...ANY_VALUE];
const STATEMENTS: readonly ValueType[] = ['TEXT', 'CODE', 'NUM'];

/** Which parent may hold which child by which relationship. Source: PS3.3 tables A.35.3-2 and A.35.13-2. */
const RELATIONSHIP_RULES: Readonly<
  Record<Relationship, { readonly from: readonly ValueType[]; readonly to: readonly ValueType[] }>
> = {
  CONTAINS: { from: ['CONTAINER'], to: ANY_VALUE },
  'HAS OBS CONTEXT': { from: ['CONTAINER', ...STATEMENTS], to: CONTEXT_VALUES },
  'HAS CONCEPT MOD': { from: ANY_SOURCE, to: ['TEXT', 'CODE'] },
  'HAS ACQ CONTEXT': { from: ['CONTAINER', 'IMAGE', 'NUM'], to: [...CONTEXT_VALUES, 'CONTAINER'] },
  'HAS PROPERTIES': { from: STATEMENTS, to: ANY_VALUE },
  'INFERRED FROM': { from: STATEMENTS, to: ANY_VALUE },
  'SELECTED FROM': { from: ['SCOORD'], to: ['IMAGE'] },
};

/** Whether the Comprehensive SR and Comprehensive 3D SR IODs allow this pair. Source: PS3.3 A.35.3.3.1.2. */
export function isAllowedRelationship(parent: ValueType, relationship: Relationship, child: ValueType): boolean {
  const rule = RELATIONSHIP_RULES[relationship];
  return rule.from.includes(parent) && rule.to.includes(child);
}

function describe(item: { concept: Code | null; valueType: ValueType }): string {
  return `${item.valueType} ${item.concept?.meaning ?? ''}`.trimEnd();
}

/** Checks the children against the relationship table and hands the item back. */
function withCheckedChildren<T extends ContentItem>(item: T): T {
  for (const child of item.children) {
    const { relationship, valueType } = child;
    if (relationship === null || !isAllowedRelationship(item.valueType, relationship, valueType)) {
      throw new ContentItemError(
        describe(item),
        'a relationship of PS3.3 table A.35.13-2',
        `${relationship} ${valueType}`,
      );
    }
  }
  return item;
}

type Children = readonly ContentItem[];

/**
 * A heading with what stands under it; its parts are independent statements (SEPARATE).
 *
 * @throws ContentItemError on a child the relationship table forbids
 */
export function container(
  relationship: Relationship | null,
  concept: Code,
  children: Children,
  templateId: string | null = null,
): ContainerItem {
  return withCheckedChildren({ valueType: 'CONTAINER', relationship, concept, templateId, children });
}

/** A coded statement. @throws ContentItemError on a forbidden child */
export function codeItem(relationship: Relationship, concept: Code, value: Code, children: Children = []): CodeItem {
  return withCheckedChildren({ valueType: 'CODE', relationship, concept, value, children });
}

/** A statement in words. @throws ContentItemError when empty, or on a forbidden child */
export function textItem(relationship: Relationship, concept: Code, text: string, children: Children = []): TextItem {
  if (text.trim() === '') throw new ContentItemError(`TEXT ${concept.meaning}`, 'some text', 'none');
  return withCheckedChildren({ valueType: 'TEXT', relationship, concept, text, children });
}

/**
 * A number with its unit.
 *
 * @param qualifier why the number is not exact, or null
 * @throws ContentItemError when the number is not finite, or on a forbidden child
 */
export function numItem(
  relationship: Relationship,
  concept: Code,
  value: number,
  unit: Code,
  children: Children = [],
  qualifier: Code | null = null,
): NumItem {
  if (!Number.isFinite(value)) throw new ContentItemError(`NUM ${concept.meaning}`, 'a finite number', String(value));
  const decimal = formatDecimalString(value);
  return withCheckedChildren({ valueType: 'NUM', relationship, concept, decimal, unit, qualifier, children });
}

/** A reference to something by its UID. @throws ContentItemError when the UID is malformed */
export function uidItem(relationship: Relationship, concept: Code, uid: string): UidItem {
  if (!isUid(uid)) throw new ContentItemError(`UIDREF ${concept.meaning}`, 'a UID', `${uid.length} characters`);
  return { valueType: 'UIDREF', relationship, concept, uid, children: [] };
}

/** An image, or one frame of it. @throws ContentItemError when a UID is malformed */
export function imageItem(relationship: Relationship, concept: Code | null, image: ImageReference): ImageItem {
  for (const uid of [image.sopClassUid, image.sopInstanceUid, image.seriesInstanceUid]) {
    if (!isUid(uid)) throw new ContentItemError('IMAGE', 'well-formed UIDs', `one of ${uid.length} characters`);
  }
  return { valueType: 'IMAGE', relationship, concept, image, children: [] };
}

/** A reference to another document. @throws ContentItemError when a UID is malformed */
export function compositeItem(relationship: Relationship, concept: Code, document: DocumentReference): CompositeItem {
  for (const uid of Object.values(document)) {
    if (!isUid(uid))
      throw new ContentItemError(`COMPOSITE ${concept.meaning}`, 'UIDs', `${String(uid).length} characters`);
  }
  return { valueType: 'COMPOSITE', relationship, concept, document, children: [] };
}

/** Fewest and most points of each graphic. Source: PS3.3 C.18.6.1.2. */
const POINT_COUNT: Readonly<Record<GraphicType, readonly [number, number]>> = {
  POINT: [1, 1],
  POLYLINE: [2, Number.POSITIVE_INFINITY],
};

/**
 * A point or line on an image, with the image it was drawn on.
 *
 * @param pointsPx [column, row] pairs; a closed outline repeats its first point
 * @throws ContentItemError on a point count the graphic does not allow or a coordinate that is not finite
 */
export function scoordItem(
  relationship: Relationship,
  concept: Code,
  graphicType: GraphicType,
  pointsPx: readonly (readonly [number, number])[],
  image: ImageReference,
): ScoordItem {
  const [fewest, most] = POINT_COUNT[graphicType];
  if (pointsPx.length < fewest || pointsPx.length > most) {
    throw new ContentItemError(`SCOORD ${graphicType}`, `${fewest} to ${most} points`, `${pointsPx.length}`);
  }
  if (!pointsPx.every(([column, row]) => Number.isFinite(Math.fround(column)) && Number.isFinite(Math.fround(row)))) {
    throw new ContentItemError(`SCOORD ${graphicType}`, 'finite coordinates', 'one that is not');
  }
  const children = [imageItem('SELECTED FROM', null, image)];
  return withCheckedChildren({ valueType: 'SCOORD', relationship, concept, graphicType, pointsPx, children });
}

/** Every item of a tree, each parent before its children. */
export function* walkContent(item: ContentItem): Generator<ContentItem> {
  yield item;
  for (const child of item.children) yield* walkContent(child);
}

/** Every image a tree refers to, in order of appearance, once each. */
export function referencedImages(root: ContentItem): ImageReference[] {
  const byUid = new Map<string, ImageReference>();
  for (const item of walkContent(root)) {
    if (item.valueType === 'IMAGE' && !byUid.has(item.image.sopInstanceUid))
      byUid.set(item.image.sopInstanceUid, item.image);
  }
  return [...byUid.values()];
}

/** Every other document a tree refers to, once each. */
export function referencedDocuments(root: ContentItem): DocumentReference[] {
  const documents = [...walkContent(root)].flatMap((item) => (item.valueType === 'COMPOSITE' ? [item.document] : []));
  return [...new Map(documents.map((document) => [document.sopInstanceUid, document])).values()];
}
