import { buildDicom, type DicomAttributes } from '@pce/test-support/dicom-builder';
import { buildSmallEnhancedCt } from '@pce/test-support/small-ct';
import { describe, expect, it } from 'vitest';
import { frameDataset } from './functional-groups.js';
import { readPart10 } from './part10.js';

const read = (attributes: DicomAttributes) =>
  readPart10(buildDicom({ attributes: { SOPClassUID: '1.2.3', SOPInstanceUID: '2.25.1', ...attributes } })).dataset;

describe('frameDataset', () => {
  it('gives the data set itself of a classic image', () => {
    const classic = read({ PixelSpacing: [0.7, 0.7] });
    expect(frameDataset(classic, 0)).toBe(classic);
  });

  it('reads an enhanced image like a classic one', () => {
    const { dataset } = readPart10(
      buildSmallEnhancedCt([
        [0, 0, -10],
        [0, 0, -7],
      ]),
    );
    const frames = [0, 1].map((index) => frameDataset(dataset, index));
    expect(frames.map((frame) => frame.numbers('ImagePositionPatient'))).toEqual([
      [0, 0, -10],
      [0, 0, -7],
    ]);
    for (const frame of frames) {
      expect(frame.numbers('ImageOrientationPatient')).toEqual([1, 0, 0, 0, 1, 0]);
      expect(frame.numbers('PixelSpacing')).toEqual([8, 8]);
      expect(frame.number('SliceThickness')).toBe(3);
      expect([frame.number('RescaleSlope'), frame.number('RescaleIntercept')]).toEqual([1, -1024]);
      expect(frame.string('RescaleType')).toBe('HU');
      expect(frame.string('Modality')).toBe('CT');
      expect(frame.items('PixelMeasuresSequence')).toHaveLength(1);
    }
  });

  it("prefers the frame's value to the shared one, and that to the image's; an empty one hides none", () => {
    const dataset = read({
      SliceThickness: 9,
      KVP: 120,
      SharedFunctionalGroupsSequence: [{ PixelMeasuresSequence: [{ SliceThickness: 5, PixelSpacing: [1, 1] }] }],
      PerFrameFunctionalGroupsSequence: [
        { PixelMeasuresSequence: [{ SliceThickness: 2 }] },
        { PixelMeasuresSequence: [{ SliceThickness: '' }] },
      ],
    });
    const [first, second] = [0, 1].map((index) => frameDataset(dataset, index));
    expect([first?.number('SliceThickness'), second?.number('SliceThickness')]).toEqual([2, 5]);
    expect(first?.numbers('PixelSpacing')).toEqual([1, 1]);
    expect(first?.number('KVP')).toBe(120);
    expect(first?.has('WindowCenter')).toBe(false);
    expect(first?.bytes('WindowCenter')).toBeUndefined();
    expect(first?.items('SourceImageSequence')).toEqual([]);
  });

  it('of a frame beyond the per-frame groups has what all frames share', () => {
    const dataset = read({ SharedFunctionalGroupsSequence: [{ FrameVOILUTSequence: [{ WindowCenter: 40 }] }] });
    expect(frameDataset(dataset, 7).number('WindowCenter')).toBe(40);
  });
});
