import { createHash } from 'node:crypto';
import type { StudyResult } from '@pce/shared/contracts/study-result';
import type { Dataset } from '@pce/shared/dicom/dataset';
import PDFDocument from 'pdfkit';
import { cleanLine } from './clean-text.js';
import { comparisonComments } from './comparison-text.js';
import { trackingIdentifier } from './finding-group.js';
import type { ComparedFindings } from './priors.js';
import { examComments, findingComments, RESEARCH_NOTICE } from './report-text.js';

/** A picture on the page. */
export interface PagePicture {
  readonly label: string;
  readonly png: Uint8Array;
}

export interface OnePager {
  readonly result: StudyResult;
  readonly source: Dataset;
  readonly pictures: readonly PagePicture[];
  readonly compared: ComparedFindings;
  readonly analysedAt: Date;
}

/** A4 portrait, points. */
const PAGE = { width: 595, height: 842, margin: 40 } as const;
const USABLE = PAGE.width - 2 * PAGE.margin;
/** Most findings listed and pictures shown: it is one page. [design] */
const MOST_FINDINGS = 6;
const MOST_PICTURES = 4;
/** Two lines above each picture. */
const LABEL_HEIGHT = 20;
/** Room kept free at the foot of the page. */
const FOOT = 60;

const HEADLINE = {
  present: 'POSITIVE: pulmonary cement embolism suspected',
  absent: 'NEGATIVE: no pulmonary cement embolism suspected',
  undetermined: 'INDETERMINATE: marks that cannot be decided',
  'not-analysable': 'NOT ANALYSABLE',
} as const;
const HEADLINE_COLOUR = { present: '#b00000', absent: '#1f5f2f', undetermined: '#8a5a00', 'not-analysable': '#444444' };

/** What the page's fonts have: Latin-1 less its control characters. */
const PRINTABLE = /^[\x20-\x7e\xa0-\xff]*$/;

/** A value as the page can print it; a name in another script is left to the identifiers beside it. */
function printable(text: string | undefined): string {
  const parts = cleanLine(text ?? '').split('^');
  const cleaned = parts
    .map((part) => part.trim())
    .filter(Boolean)
    .join(', ');
  if (cleaned === '') return '(not stated)';
  return PRINTABLE.test(cleaned) ? cleaned : '(in a script this page cannot print)';
}

/** Sentences of ours are ASCII but for what comes with a result. */
const sentence = (text: string): string => [...cleanLine(text)].map((c) => (PRINTABLE.test(c) ? c : '?')).join('');

/** With a capital at its beginning and a full stop at its end. */
const whole = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith('.') ? '' : '.');

const day = (date: string | undefined): string =>
  /^\d{8}$/.test(date ?? '') ? `${date!.slice(0, 4)}-${date!.slice(4, 6)}-${date!.slice(6, 8)}` : '(not stated)';

function writeHead(doc: PDFKit.PDFDocument, { result, source }: OnePager): void {
  doc.rect(0, 0, PAGE.width, 28).fill('#600000');
  doc
    .fillColor('white')
    .font('Helvetica-Bold')
    .fontSize(10)
    .text(RESEARCH_NOTICE, PAGE.margin, 9, { lineBreak: false });
  const outcome = result.outcome.kind === 'analysed' ? result.outcome.presence : 'not-analysable';
  doc.fillColor(HEADLINE_COLOUR[outcome]).fontSize(16).text(HEADLINE[outcome], PAGE.margin, 44);
  const lines = [
    `Patient: ${printable(source.string('PatientName')?.split('=')[0])}   ID: ${printable(source.string('PatientID'))}   Born: ${day(source.string('PatientBirthDate'))}`,
    `Study of ${day(source.string('StudyDate'))}   Accession number: ${printable(source.string('AccessionNumber'))}`,
    `Study Instance UID ${result.studyInstanceUid}`,
  ];
  doc.fillColor('black').font('Helvetica').fontSize(9).moveDown(0.4);
  for (const line of lines) doc.text(line);
}

function writeFindings(doc: PDFKit.PDFDocument, { result, compared }: OnePager): void {
  doc.moveDown(0.6).fontSize(10);
  for (const text of [...examComments(result), ...comparisonComments(compared)]) {
    if (text !== RESEARCH_NOTICE) doc.text(sentence(text));
  }
  const findings = result.outcome.kind === 'analysed' ? result.outcome.findings : [];
  const shown = findings.filter(({ assessment }) => assessment !== 'candidate');
  doc.moveDown(0.6).fontSize(9);
  for (const finding of shown.slice(0, MOST_FINDINGS)) {
    const change = compared.changes.get(finding);
    const name = `${trackingIdentifier(finding)}, ${Math.round(100 * finding.probability)} %${change ? `, ${change}` : ''}: `;
    doc.font('Helvetica-Bold').text(name, { continued: true });
    doc.font('Helvetica').text(findingComments(finding).map(sentence).map(whole).join(' '));
  }
  const rest = shown.length - MOST_FINDINGS;
  if (rest > 0) doc.text(`${rest} more: see the DICOM report.`);
}

/** Pictures in two columns, each as large as its cell lets it be. */
function placePictures(doc: PDFKit.PDFDocument, pictures: readonly PagePicture[]): void {
  const shown = pictures.slice(0, MOST_PICTURES);
  if (shown.length === 0) return;
  const top = doc.y + 10;
  const columns = shown.length === 1 ? 1 : 2;
  const rows = Math.ceil(shown.length / columns);
  const width = USABLE / columns;
  const cell = { width, height: Math.min(width, (PAGE.height - FOOT - top) / rows) };
  shown.forEach(({ png, label }, index) => {
    const x = PAGE.margin + (index % columns) * cell.width;
    const y = top + Math.floor(index / columns) * cell.height;
    doc.fontSize(8).text(sentence(label), x, y, { width: cell.width - 8, height: LABEL_HEIGHT, ellipsis: true });
    const fit: [number, number] = [cell.width - 8, cell.height - LABEL_HEIGHT - 10];
    doc.image(Buffer.from(png), x, y + LABEL_HEIGHT + 2, { fit });
  });
}

function writeFoot(doc: PDFKit.PDFDocument, { result, analysedAt }: OnePager): void {
  const { name, version, parametersDigest } = result.algorithm;
  const lines = [
    `${sentence(name)} ${sentence(version)}, parameters ${parametersDigest.slice(0, 12)}, analysed ${analysedAt.toISOString()}`,
    RESEARCH_NOTICE,
  ];
  doc.font('Helvetica').fontSize(8).fillColor('#600000');
  doc.text(lines.join('\n'), PAGE.margin, PAGE.height - 44, { width: USABLE, lineBreak: true });
}

/** Fixes what pdfkit would take from the clock or at random: the page's dates and its file identifier. */
function newDocument({ analysedAt, result }: OnePager): PDFKit.PDFDocument {
  const digest = createHash('sha256').update(result.studyInstanceUid).update(result.instanceSetDigest).digest('hex');
  return new PDFDocument({
    size: 'A4',
    margins: { top: PAGE.margin, left: PAGE.margin, right: PAGE.margin, bottom: 0 },
    pdfVersion: '1.7',
    lang: 'en',
    displayTitle: true,
    info: {
      Title: 'Automatic search for pulmonary cement embolism (research)',
      Creator: 'PCE',
      Producer: 'PCE',
      Keywords: digest,
      CreationDate: analysedAt,
      ModDate: analysedAt,
    },
  });
}

/**
 * A result on one page for people, with its pictures: what it says is in the DICOM report as well.
 *
 * @returns the PDF file, the same bytes for the same content
 */
export function writeOnePager(content: OnePager): Promise<Uint8Array> {
  const doc = newDocument(content);
  const chunks: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    doc.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    doc.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
    doc.on('error', reject);
    writeHead(doc, content);
    writeFindings(doc, content);
    placePictures(doc, content.pictures);
    writeFoot(doc, content);
    doc.end();
  });
}
