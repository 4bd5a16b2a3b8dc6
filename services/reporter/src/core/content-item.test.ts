import { describe, expect, it } from 'vitest';
import { CONCEPT, UNIT, VALUE } from './codes.js';
import {
  ContentItemError,
  codeItem,
  container,
  imageItem,
  isAllowedRelationship,
  numItem,
  referencedImages,
  scoordItem,
  textItem,
  uidItem,
  walkContent,
} from './content-item.js';

const image = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '1.2.3', seriesInstanceUid: '1.2' };
const line: [number, number][] = [
  [0, 0],
  [4.5, 2],
];

describe('content items', () => {
  it('accept what the relationship table allows', () => {
    const number = numItem('CONTAINS', CONCEPT.length, 23.4, UNIT.millimetre, [
      codeItem('HAS CONCEPT MOD', CONCEPT.measurementMethod, VALUE.detectorPlane),
      imageItem('INFERRED FROM', CONCEPT.sourceOfMeasurement, image),
    ]);
    const region = scoordItem('CONTAINS', CONCEPT.imageRegion, 'POLYLINE', line, image);
    const root = container(null, CONCEPT.measurementGroup, [number, region]);
    expect([...walkContent(root)].map((item) => item.valueType)).toEqual([
      'CONTAINER',
      'NUM',
      'CODE',
      'IMAGE',
      'SCOORD',
      'IMAGE',
    ]);
    expect(referencedImages(root)).toEqual([image]);
  });

  it.each([
    [
      'a site contained in a region',
      () => container('CONTAINS', CONCEPT.finding, [uidItem('SELECTED FROM', CONCEPT.deviceObserverUid, '1.2')]),
    ],
    [
      'a number as modifier',
      () =>
        codeItem('CONTAINS', CONCEPT.finding, VALUE.boneCement, [
          numItem('HAS CONCEPT MOD', CONCEPT.length, 1, UNIT.millimetre),
        ]),
    ],
    [
      'a container in a code',
      () => codeItem('CONTAINS', CONCEPT.finding, VALUE.boneCement, [container('CONTAINS', CONCEPT.finding, [])]),
    ],
    ['a root among children', () => container('CONTAINS', CONCEPT.finding, [container(null, CONCEPT.finding, [])])],
    ['no text', () => textItem('CONTAINS', CONCEPT.comment, ' \n')],
    ['no number', () => numItem('CONTAINS', CONCEPT.length, Number.NaN, UNIT.millimetre)],
    ['a malformed UID', () => uidItem('CONTAINS', CONCEPT.trackingUniqueIdentifier, '1.02.3')],
    ['a malformed image', () => imageItem('CONTAINS', null, { ...image, sopInstanceUid: '' })],
    ['a point of two points', () => scoordItem('CONTAINS', CONCEPT.imageRegion, 'POINT', line, image)],
    ['a line of one point', () => scoordItem('CONTAINS', CONCEPT.imageRegion, 'POLYLINE', [[1, 2]], image)],
    [
      'a point beyond single precision',
      () => scoordItem('CONTAINS', CONCEPT.imageRegion, 'POINT', [[1e300, 2]], image),
    ],
  ])('refuse %s', (_, build) => {
    expect(build).toThrow(ContentItemError);
  });

  it('let a region be selected from an image only', () => {
    expect(isAllowedRelationship('SCOORD', 'SELECTED FROM', 'IMAGE')).toBe(true);
    expect(isAllowedRelationship('CONTAINER', 'CONTAINS', 'IMAGE')).toBe(true);
    expect(isAllowedRelationship('CONTAINER', 'SELECTED FROM', 'IMAGE')).toBe(false);
    expect(isAllowedRelationship('IMAGE', 'CONTAINS', 'IMAGE')).toBe(false);
  });
});
