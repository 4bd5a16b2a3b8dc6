import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageReference } from '@pce/shared/contracts/image-reference';
import type { Dataset } from '@pce/shared/dicom/dataset';
import { readPart10 } from '@pce/shared/dicom/part10';
import { buildDicom, type DicomAttributes } from '@pce/test-support/dicom-builder';
import { requireTool, runTool } from '@pce/test-support/foreign-tool';
import {
  SAMPLE_CONTEXT,
  type SampleKind,
  sampleResult,
  sampleSource,
  sampleSourceAttributes,
} from '@pce/test-support/sample-results';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPresentationStates, markedImages } from './gsps.js';

const CT: DicomAttributes = {
  Modality: 'CT',
  Rows: 512,
  Columns: 512,
  PhotometricInterpretation: 'MONOCHROME2',
  PixelSpacing: ['0.7', '0.7'],
  RescaleSlope: '1',
  RescaleIntercept: '-1024',
  RescaleType: 'HU',
  WindowCenter: '40',
  WindowWidth: '400',
};
const FILM: DicomAttributes = {
  Modality: 'DX',
  Rows: 2400,
  Columns: 2000,
  PhotometricInterpretation: 'MONOCHROME1',
  ImagerPixelSpacing: ['0.15', '0.15'],
  WindowCenter: '2048',
  WindowWidth: '4096',
};
const headerWith = (attributes: DicomAttributes) => readPart10(buildDicom({ attributes })).dataset;
const headerOf = (image: ImageReference) => headerWith(image.sopClassUid.endsWith('.1.1.1') ? FILM : CT);
const build = (kind: SampleKind, header: (image: ImageReference) => Dataset | null = headerOf) =>
  buildPresentationStates(sampleResult(kind), header, sampleSource(kind), SAMPLE_CONTEXT);
const read = (kind: SampleKind, header?: (image: ImageReference) => Dataset | null) =>
  build(kind, header).map(({ bytes }) => readPart10(bytes).dataset);

describe('buildPresentationStates', () => {
  it('makes one state per series, and none for an exam without marks', () => {
    expect(build('ct-positive')).toHaveLength(1);
    expect(build('ct-and-films')).toHaveLength(2);
    for (const kind of ['ct-negative', 'film-negative', 'not-analysable', 'ct-candidates-only'] as const) {
      expect(build(kind)).toEqual([]);
      expect(markedImages(sampleResult(kind))).toEqual([]);
    }
  });

  it('puts a box around each finding and its name beside it', () => {
    const [state] = read('ct-positive');
    const [first] = state!.items('GraphicAnnotationSequence');
    const [graphic] = first!.items('GraphicObjectSequence');
    const [text] = first!.items('TextObjectSequence');
    // The sample's outline reaches from (108.25, 236.5) to (116.25, 244.5); a box is at least 25.6 pixels wide here.
    const [left, right, top, bottom] = [99.45, 125.05, 227.7, 253.3];
    const corners = [left, top, right, top, right, bottom, left, bottom, left, top];
    expect(graphic!.numbers('GraphicData')).toEqual(corners.map(Math.fround));
    expect(graphic!.string('GraphicType')).toBe('POLYLINE');
    expect(text!.string('UnformattedTextValue')).toBe('PCE 1  98 %');
    const [image] = first!.items('ReferencedImageSequence');
    expect(image!.string('ReferencedSOPInstanceUID')).toBe(
      markedImages(sampleResult('ct-positive'))[0]!.sopInstanceUid,
    );
  });

  it('names a finding in pieces once, and draws one box where those of pieces overlap', () => {
    const result = sampleResult('film-positive');
    if (result.outcome.kind !== 'analysed') throw new Error('expected an analysed sample');
    const finding = result.outcome.findings[0]!;
    const [region] = finding.regions;
    const moved = (byPx: number) => ({
      ...region!,
      pointsPx: region!.pointsPx.map(([column, row]): [number, number] => [column - byPx, row]),
    });
    // The third reaches both others.
    const regions = [moved(0), moved(200), moved(100), moved(700)];
    const pieces = { ...result, outcome: { ...result.outcome, findings: [{ ...finding, regions }] } };
    const [state] = buildPresentationStates(pieces, headerOf, sampleSource('film-positive'), SAMPLE_CONTEXT);
    const marks = readPart10(state!.bytes).dataset.items('GraphicAnnotationSequence');
    expect(marks.map((mark) => mark.items('TextObjectSequence').length)).toEqual([1, 0]);
    const spans = marks.map((mark) => {
      const columns = mark
        .items('GraphicObjectSequence')[0]!
        .numbers('GraphicData')
        .filter((_, at) => at % 2 === 0);
      return Math.round(Math.max(...columns) - Math.min(...columns));
    });
    expect(spans).toEqual([spans[1]! + 200, spans[1]!]);
  });

  it('repeats the modality LUT, which it replaces, and shows CT at a cement window', () => {
    const [state] = read('ct-positive');
    expect(state!.number('RescaleIntercept')).toBe(-1024);
    expect(state!.number('RescaleSlope')).toBe(1);
    const [window] = state!.items('SoftcopyVOILUTSequence');
    expect([window!.number('WindowCenter'), window!.number('WindowWidth')]).toEqual([450, 1800]);
    expect(window!.items('ReferencedImageSequence')).toHaveLength(2);
  });

  it('shows a film as its own header says', () => {
    const [state] = read('film-positive');
    const [window] = state!.items('SoftcopyVOILUTSequence');
    expect(window!.number('WindowWidth')).toBe(4096);
    expect(state!.string('PresentationLUTShape')).toBe('INVERSE');
    const [area] = state!.items('DisplayedAreaSelectionSequence');
    expect(area!.numbers('DisplayedAreaBottomRightHandCorner')).toEqual([2000, 2400]);
    expect(area!.numbers('PresentationPixelSpacing')).toEqual([0.15, 0.15]);
  });

  it('tells suspected, undecided and other marks apart by layer', () => {
    const layers = (kind: SampleKind) =>
      read(kind).flatMap((state) => state.items('GraphicLayerSequence').map((layer) => layer.string('GraphicLayer')));
    expect(layers('ct-positive')).toEqual(['PCE']);
    expect(layers('ct-indeterminate')).toEqual(['PCE_UNDECIDED']);
    expect(layers('ct-leak-and-vertebra')).toEqual(['CEMENT']);
  });

  it('marks the frame of a multi-frame image, with the values of that frame', () => {
    const group = (intercept: string) => ({
      PixelValueTransformationSequence: [{ RescaleIntercept: intercept, RescaleSlope: '1', RescaleType: 'HU' }],
    });
    const { RescaleIntercept, RescaleSlope, RescaleType, PixelSpacing, ...plain } = CT;
    const enhanced = headerWith({
      ...plain,
      SharedFunctionalGroupsSequence: [{ PixelMeasuresSequence: [{ PixelSpacing }] }],
      PerFrameFunctionalGroupsSequence: Array.from({ length: 50 }, (_, frame) => group(frame === 43 ? '-1000' : '0')),
    });
    const [state] = read('ct-enhanced-positive', () => enhanced);
    expect(state!.number('RescaleIntercept')).toBe(-1000);
    const [area] = state!.items('DisplayedAreaSelectionSequence');
    expect(area!.numbers('PresentationPixelSpacing')).toEqual([0.7, 0.7]);
    expect(area!.items('ReferencedImageSequence')[0]!.number('ReferencedFrameNumber')).toBe(44);
  });

  it('copies lookup tables, in a state of their own', () => {
    const table = { LUTDescriptor: [4, 0, 16], ModalityLUTType: 'OD', LUTData: Uint8Array.of(0, 0, 1, 0, 2, 0, 3, 0) };
    const [first] = markedImages(sampleResult('ct-positive'));
    const states = read('ct-positive', (image) =>
      headerWith(image.sopInstanceUid === first!.sopInstanceUid ? { ...CT, ModalityLUTSequence: [table] } : CT),
    );
    expect(states).toHaveLength(2);
    const [item] = states[0]!.items('ModalityLUTSequence');
    expect(item!.numbers('LUTDescriptor')).toEqual([4, 0, 16]);
    expect([...item!.bytes('LUTData')!]).toEqual([...table.LUTData]);
    expect(states[1]!.has('ModalityLUTSequence')).toBe(false);
  });

  it('leaves out what a greyscale state cannot show, and images that are gone', () => {
    expect(build('ct-positive', () => headerWith({ ...CT, PhotometricInterpretation: 'RGB' }))).toEqual([]);
    expect(build('ct-positive', () => null)).toEqual([]);
  });

  it('writes odd header values so that the state is valid, or not at all', () => {
    const odd = {
      ...CT,
      x00281052: { vr: 'DS', value: new TextEncoder().encode('-1024HU ') },
      RescaleIntercept: undefined,
    };
    const [state] = read('ct-positive', () => headerWith({ ...odd, PixelSpacing: ['0', '0'], WindowWidth: '0' }));
    expect(state!.has('RescaleIntercept')).toBe(false);
    const [area] = state!.items('DisplayedAreaSelectionSequence');
    expect(area!.numbers('PresentationPixelAspectRatio')).toEqual([1, 1]);
  });

  it('gives equal bytes for equal arguments, and another UID when an image is missing', () => {
    expect(build('ct-positive')).toEqual(build('ct-positive'));
    const [first] = markedImages(sampleResult('ct-positive'));
    const [partial] = build('ct-positive', (image) =>
      image.sopInstanceUid === first!.sopInstanceUid ? null : headerOf(image),
    );
    expect(partial!.sopInstanceUid).not.toBe(build('ct-positive')[0]!.sopInstanceUid);
  });
});

describe('foreign tools', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pce-gsps-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.for<SampleKind>([
    'ct-positive',
    'ct-numerous',
    'ct-indeterminate',
    'ct-leak-and-vertebra',
    'ct-enhanced-positive',
    'film-positive',
    'ct-and-films',
  ])('dciodvfy and dcmpschk find no error in the marks of %s', (kind, { skip }) => {
    for (const tool of ['dciodvfy', 'dcmpschk']) requireTool(tool, skip);
    build(kind).forEach(({ bytes }, index) => {
      const file = join(folder, `${kind}-${index}.dcm`);
      writeFileSync(file, bytes);
      const iod = runTool('dciodvfy', ['-new', file]);
      const lines = (iod.stdout.toString() + iod.stderr.toString()).split('\n');
      expect(lines.filter((line) => line.startsWith('Error'))).toEqual([]);
      expect(iod.status).toBe(0);
      const check = runTool('dcmpschk', [file]);
      const said = check.stdout.toString() + check.stderr.toString();
      expect(said).toContain('Test passed');
      expect(check.status).toBe(0);
    });
  });

  it('dcmp2pgm shows a CT slice at the window of the state', ({ skip }) => {
    requireTool('dcmp2pgm', skip);
    const { sopInstanceUid, sopClassUid, seriesInstanceUid } = markedImages(sampleResult('ct-positive'))[0]!;
    // Left half -1024 HU, right half 450 HU: black and middle grey at centre 450, width 1800.
    const stored = Int16Array.from({ length: 512 * 512 }, (_, at) => (at % 512 < 256 ? 0 : 1474));
    const image = buildDicom({
      attributes: {
        ...sampleSourceAttributes('ct-positive'),
        ...CT,
        SOPInstanceUID: sopInstanceUid,
        SOPClassUID: sopClassUid,
        SeriesInstanceUID: seriesInstanceUid,
        SamplesPerPixel: 1,
        BitsAllocated: 16,
        BitsStored: 16,
        HighBit: 15,
        PixelRepresentation: 1,
      },
      pixelData: new Uint8Array(stored.buffer),
    });
    const [source, state, shown] = ['image.dcm', 'state.dcm', 'shown.pgm'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(source, image);
    writeFileSync(state, build('ct-positive')[0]!.bytes);
    expect(runTool('dcmp2pgm', ['-p', state, source, shown]).status).toBe(0);
    const pgm = readFileSync(shown);
    const row = pgm.subarray(pgm.length - 512);
    expect(row[10]).toBe(0);
    expect(row[500]).toBeGreaterThan(120);
    expect(row[500]).toBeLessThan(136);
  });
});
