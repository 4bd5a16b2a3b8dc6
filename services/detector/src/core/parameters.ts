/**
 * Every threshold of the detector, one object per room: name with its unit, and where the value comes from.
 * "[design]" marks a choice of ours that no publication settles.
 */

/** What a CT series must be for a volume to be made of it (core/volume). */
export const CT_VOLUME = {
  /** Fewer slices are not searched. [design] */
  minSlices: 20,
  /** Least extent along the body axis: less shows too little of the lungs to call anything absent. [design] */
  minCoverageMm: 100,
  /** Extent from which a series counts as a whole chest when series are compared: lungs are 200-300 mm high. [design] */
  wholeChestCoverageMm: 220,
  /** Least field of view in both directions; smaller ones are crops of a chest. [design] */
  minFieldOfViewMm: 200,
  /** Coarsest slice spacing that is read: at 5 mm a 2 mm cast of 19 % barium keeps 1,160 HU. Source: clinical.md [C]. */
  maxSliceSpacingMm: 10,
  /** Largest volume in voxels (1,500 slices of 512 x 512): bounds memory to 0.8 GB. [design] */
  maxVoxels: 1500 * 512 * 512,
  /** Slices closer than this share of the usual distance are at one position. [design] */
  samePositionFraction: 0.1,
  /** A distance between slices counts as even within this share of the usual one: tables are written to 0.1 mm. [design] */
  evenSpacingFraction: 0.15,
  /** Widest gap that is bridged by interpolation: what a 5 mm series with rounding would leave unseen too. [design] */
  maxGapMm: 6.5,
  /** Largest share of slices that may be interpolated. [design] */
  maxMissingFraction: 0.05,
  /** Share of positions taken more than once from which a series is several image sets and not a few repeats. [design] */
  repeatedSetFraction: 0.2,
  /** Directions closer than this, in the sine of the angle, are the same (0.1 degrees). [design] */
  sameDirectionSine: 0.002,
  /** Spacings and slopes that differ by less than this share are the same. [design] */
  sameNumberFraction: 0.001,
  /** Slices may stray this far from the straight line their positions form. [design] */
  maxStrayMm: 1,
  /** Tilt of the stacking direction against the slice normal below which nothing is said. [design] */
  tiltRemarkDegrees: 0.5,
  /** Largest tilt that is read, as a sheared affine: lengths across slices are wrong by up to tan(10 deg) = 18 %. [design] */
  maxTiltDegrees: 10,
  /** Slices further from the axial plane than this are not read. [design] */
  maxObliqueDegrees: 30,
  /** What lies outside the reconstruction, and anything below: air. Source: PS3.3 C.7.5.1.1.2, Hounsfield scale. */
  airHu: -1024,
  /** Padding above this attenuation is not believed to be padding. [design] */
  maxPaddingHu: -900,
  /** Attenuation of air and aerated lung, of which a chest has much; without the value that padding is given. [design] */
  airBandHu: [-1020, -700],
  /** Least share of voxels in the air band; with less the values are not Hounsfield units. [design] */
  minAirFraction: 0.01,
  /** Voxels at exactly the largest value from which it is a plateau: the scanner's clipping level. [design] */
  clippedPlateauVoxels: 10,
  /** Lowest clipping level that is believed: dense bone must fit below it. [design] */
  minClippedAtHu: 2000,
  /** Slice spacing or thickness above which emboli may hide. Source: clinical.md (slices over 3 mm are limited). */
  thinSliceMm: 3,
} as const;

/** What a radiograph must be to be read, and how its values and millimetres are taken (core/volume). */
export const FILM = {
  /** Shorter images show no cement of 1-2 mm: 256 pixels over 400 mm are 1.6 mm each. [design] */
  minSidePx: 256,
  /** Below this a remark is made: 1,000 pixels over 400 mm are 0.4 mm each. [design] */
  fineSidePx: 1000,
  /** Largest image in pixels: 10,000 x 10,000, beyond any detector, bounds memory. [design] */
  maxPixels: 100_000_000,
  /** Pixel sizes that exist: mammography detectors from 0.05 mm, old image plates up to 0.4 mm. [design] */
  pixelSizeRangeMm: [0.03, 0.8],
  /** Longer side of a field that exists: small children's films to stitched spines. [design] */
  fieldRangeMm: [180, 1900],
  /** Two spacings this close are the same. [design] */
  sameSpacingFraction: 0.005,
  /** Magnification of a projection that exists: 1 at the detector, 2 half way to the tube. [design] */
  magnificationRange: [1, 2],
  /** Channels of a grey picture stored in colour differ by no more than this (of 255), as JPEG rounding leaves. [design] */
  greyChannelTolerance: 6,
  /** Share of pixels that may still differ in their channels: a coloured mark is not a film. [design] */
  maxColouredFraction: 0.001,
  /** A window narrower than this share of the values present is not believed. [design] */
  minWindowFraction: 0.05,
  /** A window that cuts off more than this share of the pixels at its dense end is not believed. [design] */
  maxClippedDenseFraction: 0.2,
  /** Share of pixels beyond either end of the range that is spread over 0..1 where no window is given. [design] */
  outlierFraction: 0.0005,
  /** Least standard deviation of the values in 0..1: less is an empty exposure. [design] */
  minStandardDeviation: 0.02,
} as const;
