import type { Dataset } from '@pce/shared/dicom/dataset';
import { RESEARCH_NOTICE } from './research-notice.js';
import { readableDate, readableName } from './worklist-row.js';

const INDENT = '  ';
/** Numbers of a region that a reader can take in; the rest is counted. [design] */
const MAX_GRAPHIC_NUMBERS = 12;

/**
 * A Structured Report as text: one line per content item, indented as they nest. UIDs are left out.
 * Source: PS3.3 section C.17.3.
 */
export function reportText(dataset: Dataset): string {
  const head = [
    RESEARCH_NOTICE,
    '',
    title(dataset),
    `Patient: ${readableName(dataset.string('PatientName') ?? '')}  ID ${dataset.string('PatientID') ?? ''}`,
    `Study: ${readableDate(dataset.string('StudyDate') ?? '')}  ${dataset.string('StudyDescription') ?? ''}`.trimEnd(),
    `Accession: ${dataset.string('AccessionNumber') ?? ''}`.trimEnd(),
    `State: ${dataset.string('CompletionFlag') ?? ''}, ${dataset.string('VerificationFlag') ?? ''}`,
    '',
  ];
  return `${[...head, ...linesOf(dataset, 0)].join('\n')}\n`;
}

function title(dataset: Dataset): string {
  return meaning(dataset.items('ConceptNameCodeSequence')[0]) || 'Structured Report';
}

/** Depth is bounded by the reader of the file. */
function linesOf(item: Dataset, depth: number): string[] {
  return item.items('ContentSequence').flatMap((child) => {
    const name = meaning(child.items('ConceptNameCodeSequence')[0]);
    const value = valueText(child);
    const line = [name, value].filter((part) => part !== '').join(': ');
    return [...(line === '' ? [] : [INDENT.repeat(depth) + line]), ...linesOf(child, depth + 1)];
  });
}

/** Source: PS3.3 table C.17.3-7. */
function valueText(item: Dataset): string {
  switch (item.string('ValueType')) {
    case 'TEXT':
      return item.string('TextValue') ?? '';
    case 'CODE':
      return meaning(item.items('ConceptCodeSequence')[0]);
    case 'NUM':
      return measured(item);
    case 'PNAME':
      return readableName(item.string('PersonName') ?? '');
    case 'DATE':
      return readableDate(item.string('Date') ?? '');
    case 'TIME':
      return item.string('Time') ?? '';
    case 'DATETIME':
      return item.string('DateTime') ?? '';
    case 'SCOORD':
    case 'SCOORD3D':
      return graphic(item);
    case 'IMAGE':
      return imageOf(item);
    case 'UIDREF':
      return '(identifier)';
    default:
      return '';
  }
}

function measured(item: Dataset): string {
  const value = item.items('MeasuredValueSequence')[0];
  if (!value) return meaning(item.items('NumericValueQualifierCodeSequence')[0]) || 'not measured';
  const unit = value.items('MeasurementUnitsCodeSequence')[0]?.string('CodeValue') ?? '';
  // UCUM's "1" and annotations in braces say that there is no unit.
  return `${value.string('NumericValue') ?? ''}${unit === '1' || unit.startsWith('{') ? '' : ` ${unit}`}`;
}

function graphic(item: Dataset): string {
  const numbers = item.numbers('GraphicData');
  const shown = numbers.slice(0, MAX_GRAPHIC_NUMBERS).map((value) => value.toFixed(1));
  const rest = numbers.length > shown.length ? `, and ${numbers.length - shown.length} more` : '';
  return `${item.string('GraphicType') ?? ''} (${shown.join(', ')}${rest})`;
}

function imageOf(item: Dataset): string {
  const frames = item.items('ReferencedSOPSequence')[0]?.strings('ReferencedFrameNumber') ?? [];
  return frames.length > 0 ? `image, frame ${frames.join(', ')}` : 'image';
}

function meaning(code: Dataset | undefined): string {
  return code?.string('CodeMeaning') ?? '';
}
