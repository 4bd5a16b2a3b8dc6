import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { Code } from './codes.js';
import type { ContentItem } from './content-item.js';
import type { Attributes } from './dicom-writer.js';

/** Source: PS3.16 section 6: templates of the DICOM Content Mapping Resource. */
const MAPPING_RESOURCE = 'DCMR';

/** A code as an item of a code sequence. Source: PS3.3 table 8.8-1. */
export function codedItem({ value, scheme, meaning }: Code): Attributes {
  return { CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning };
}

/** Image classes without frames: CT, CR, DX for presentation and for processing. Source: PS3.4 table B.5-1. */
const SINGLE_FRAME_CLASSES: ReadonlySet<string> = new Set([
  '1.2.840.10008.5.1.4.1.1.2',
  '1.2.840.10008.5.1.4.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1',
  '1.2.840.10008.5.1.4.1.1.1.1.1',
]);

/** An image as an item of Referenced SOP Sequence. Source: PS3.3 table 10-11, 10-3. */
export function referencedImage({ sopClassUid, sopInstanceUid, frameNumber }: ImageReference): Attributes {
  const hasFrame = frameNumber !== undefined && !SINGLE_FRAME_CLASSES.has(sopClassUid);
  return {
    ReferencedSOPClassUID: sopClassUid,
    ReferencedSOPInstanceUID: sopInstanceUid,
    ReferencedFrameNumber: hasFrame ? String(frameNumber) : undefined,
  };
}

/** The attributes of an item's value. Source: PS3.3 tables C.17-5, C.18. */
function valueAttributes(item: ContentItem): Attributes {
  switch (item.valueType) {
    case 'CONTAINER':
      return {
        ContinuityOfContent: 'SEPARATE',
        ContentTemplateSequence: item.templateId
          ? [{ MappingResource: MAPPING_RESOURCE, TemplateIdentifier: item.templateId }]
          : undefined,
      };
    case 'CODE':
      return { ConceptCodeSequence: [codedItem(item.value)] };
    case 'TEXT':
      return { TextValue: item.text };
    case 'NUM':
      return {
        MeasuredValueSequence: [{ NumericValue: item.decimal, MeasurementUnitsCodeSequence: [codedItem(item.unit)] }],
        NumericValueQualifierCodeSequence: item.qualifier ? [codedItem(item.qualifier)] : undefined,
      };
    case 'UIDREF':
      return { UID: item.uid };
    case 'SCOORD':
      return { GraphicType: item.graphicType, GraphicData: item.pointsPx.flat() };
    case 'COMPOSITE': {
      const { sopClassUid, sopInstanceUid } = item.document;
      return {
        ReferencedSOPSequence: [{ ReferencedSOPClassUID: sopClassUid, ReferencedSOPInstanceUID: sopInstanceUid }],
      };
    }
    case 'IMAGE':
      return { ReferencedSOPSequence: [referencedImage(item.image)] };
  }
}

/** A content item with everything under it as attributes; the root is the document's own data set. Source: PS3.3 C.17.3. */
export function encodeContent(item: ContentItem): Attributes {
  return {
    RelationshipType: item.relationship ?? undefined,
    ValueType: item.valueType,
    ConceptNameCodeSequence: item.concept ? [codedItem(item.concept)] : undefined,
    ...valueAttributes(item),
    ContentSequence: item.children.length > 0 ? item.children.map(encodeContent) : undefined,
  };
}
