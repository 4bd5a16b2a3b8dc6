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
  /** Brightness of the middle over both sides from which a film is frontal. Source: 135 images, mediastinal-contrast.ts. */
  frontalContrast: 0,
  /** Brightness of the middle over the mean of the sides below which black and white are exchanged. Source: the same. */
  invertedContrast: -0.12,
} as const;

/** The two levels at which a finding is judged (docs/adr/0010). */
export const OPERATING_POINT = {
  /** Probability from which a finding is suspected and raises the alarm. [design] */
  alarmProbability: 0.5,
  /** Probability from which a finding is reported as indeterminate, without alarm: the default of reportAbove. [design] */
  indeterminateProbability: 0.2,
} as const;

/** The lungs in CT (core/anatomy). */
export const CT_LUNGS = {
  /** Edge of the blocks in which lungs are sought: finer than a lobar vessel. [design] */
  blockMm: 3,
  /** Air and aerated lung lie below, soft tissue above. Source: Hounsfield scale, midway between lung and water. */
  airBelowHu: -450,
  /** Smaller pieces of air are bowel, sinuses or bubbles. [design] */
  minPieceMl: 60,
  /** Closes over hilar vessels and dense lesions up to twice this wide. [design] */
  closingMm: 12,
  /** Slices with less of the largest lung area do not count to the height. [design] */
  minSliceShare: 0.05,
  /** Less lung than this is an abdomen, a limb or a phantom: adult lungs hold 2,000-7,000 ml. [design] */
  minVolumeMl: 700,
  /** More air than this is no pair of lungs. [design] */
  maxVolumeMl: 12_000,
  /** Less height shows too little to call anything absent: adult lungs are 200-300 mm high. [design] */
  minHeightMm: 100,
  /** Less height than this is reported as limited quality. [design] */
  wholeHeightMm: 160,
  /** The midline is sought this far from the body's centre, in standard deviations of its width. [design] */
  midlineReach: 0.5,
  /** Each side of the midline holds at least this share of the lung, or one lung is missing from the image. [design] */
  minSideShare: 0.1,
  /** Median attenuation of what is aerated: lung lies between -950 and -600, a phantom's air near -1,000. [design] */
  parenchymaHu: [-970, -550],
} as const;

/** Attenuation of blood, from the heart and great vessels (core/anatomy). */
export const CT_BLOOD = {
  /** How far from the midline the heart and great vessels are sampled. [design] */
  reachMm: 45,
  /** Front share of the lungs' depth that is sampled: behind it lies the spine. [design] */
  frontShare: 0.6,
  /** Soft tissue between fat and the densest contrast. Source: Hounsfield scale; iodine 10-20 mg/mL is 310-570 HU, clinical.md [C]. */
  softTissueHu: [-20, 700],
  /** Taken where there is nothing to sample: unenhanced blood. Source: Hounsfield scale. */
  unenhancedHu: 45,
  /** Blood is brighter than this share of the mediastinum's soft tissue. [design] */
  percentile: 0.85,
  /** Fewer samples say nothing. [design] */
  minBlocks: 50,
} as const;

/** Dense candidates in CT (core/candidates). */
export const CT_CANDIDATES = {
  /** Least seed attenuation: above unenhanced blood with noise, below a 1.5 mm cast at 3 mm (1,390 HU). Source: clinical.md [C]. */
  minSeedHu: 250,
  /** Seed lies this far above the blood pool, so that contrast-filled arteries are not seeds. [design] */
  aboveBloodHu: 180,
  /** Lower seed on thick slices, where casts of 1-2 mm peak at 325-1,160 HU. Source: clinical.md [C]. */
  minSeedThickHu: 200,
  /** Growth goes down to this share of the seed. [design] */
  growShare: 0.7,
  /** Blocks within this of the closed lung's surface are chest wall or diaphragm. [design] */
  minDepthMm: 1,
  /** A component larger than this is bone or a device, never an embolus. [design] */
  maxVolumeMm3: 15_000,
  /** A component smaller than this is noise: two voxels of a thin CT. [design] */
  minVolumeMm3: 0.6,
  /** More candidates than this in one exam and the densest are kept. [design] */
  maxCandidates: 400,
  /** Beads of one cast lie this close along the vessel. Source: detector-notes.md. */
  maxBeadGapMm: 5,
  /** Attenuation of lung around a candidate. Source: Hounsfield scale. */
  aeratedBelowHu: -500,
  /** How far from a candidate its surroundings are sampled. [design] */
  surroundMm: 4,
  /** Attenuation taken for solid cement where the voxels are clipped or blurred: 19 wt% barium at 70 keV. Source: clinical.md [C]. */
  solidCementHu: 4720,
  /** Branches shorter than this many widths of the candidate are bumps. [design] */
  minBranchWidths: 1.3,
  /** Branches shorter than this are bumps whatever the calibre. [design] */
  minBranchMm: 4,
  /** Full width at half maximum below which voxels say nothing of the calibre: about two voxels. [design] */
  resolvedVoxels: 2.5,
} as const;

/** Judging CT candidates (core/classify): the rules' weights on a logit scale. All [design], none fitted. */
export const CT_RULES = {
  bias: -0.9,
  slenderWeight: 1.3,
  lengthWeight: 0.9,
  aeratedWeight: 1.1,
  peakWeight: 0.9,
  branchingBonus: 1.2,
  vesselBonus: 0.6,
  nearWallPenalty: 1.2,
  /** Closer to the lung surface than this is pleura or rib until proved otherwise. */
  nearWallMm: 4,
  /** A lone dot: less slender and shorter than this. Source: detector-notes.md, not decidable. */
  dotSlenderness: 2,
  dotLengthMm: 5,
  dotCap: 0.35,
  /**
   * Fainter candidates may be calcified bronchial walls: a 1.5 mm cast of 10 % barium keeps 460 HU at 3 mm slices.
   * Source: clinical.md [C].
   */
  faintPeakHu: 450,
  /** The same on slices over 3 mm, where little is left of a thin cast. Source: clinical.md [C]. */
  faintPeakThickHu: 300,
  faintCap: 0.4,
  /** In soft tissue only metal-like attenuation and tubular form count. Source: detector-notes.md. */
  softTissueAerated: 0.35,
  softTissuePeakHu: 1300,
  softTissueSlenderness: 3,
  softTissueLengthMm: 8,
  softTissueCap: 0.15,
  /** With less of it in the closed lungs a candidate belongs to the chest wall or the mediastinum. */
  minShareInLungs: 0.5,
  /** Longer than this is a catheter or lead. Source: clinical.md (longer than 10 cm). */
  deviceLengthMm: 100,
  deviceCap: 0.05,
  /** Identical short rods this many times are clips, staples or seeds. Source: clinical.md. */
  repeatedRods: 4,
  repeatedCap: 0.15,
} as const;

/** Lung fields and lines on films (core/anatomy, core/candidates). Lengths are shares of the image or working pixels. */
export const FILM_LINES = {
  /** Longer side of the image lines are sought in, pixels: 0.35-0.45 mm each on a 35-43 cm field. [design] */
  workingSidePx: 1000,
  /** Longer side of the image lung fields are sought in. [design] */
  fieldSidePx: 160,
  /** A lung field covers at least this share of the image. [design] */
  minFieldShare: 0.025,
  /** Both together cover at most this share. [design] */
  maxFieldShare: 0.6,
  /** Widths sought, as Gaussian sigma in working pixels: lines of 1-4 mm. Source: clinical.md, casts of 1-3 mm and blur. */
  sigmasPx: [1.2, 1.8, 2.6, 3.6],
  /** Response over the median response of the lung fields from which a line is followed, and from which it starts. [design] */
  followRatio: 4,
  startRatio: 7,
  /** Shorter lines are dots or noise. [design] */
  minLengthPx: 8,
  /** More candidates than this and the strongest are kept. [design] */
  maxCandidates: 60,
  /** Distance over which the contrast of a line to its surroundings is taken, in line widths. [design] */
  flankWidths: 2,
  /** Two lines this close and parallel are the edges of a rib. A rib is 8-20 mm wide. [design] */
  ribWidthPx: [10, 60],
  /** Within this of the edge of the lung field a line may be its edge. [design] */
  edgePx: 8,
} as const;

/** Judging lines on films (core/classify): weights on a logit scale. All [design], none fitted. */
export const FILM_RULES = {
  bias: -6.6,
  contrastWeight: 2.2,
  /** Contrast of a line in units of the noise of its surroundings at which it neither speaks for nor against. */
  plainContrast: 6,
  sharpnessWeight: 1.2,
  /** Times the typical strong line of the same film (ribs, vessels) at which a line stands out. */
  plainRatioToFilm: 1.6,
  branchingBonus: 0.8,
  companionBonus: 0.6,
  ribPenalty: 2.5,
  edgePenalty: 1.5,
  /** Longer than this share of the image's longer side is a catheter, a lead or an edge. Source: clinical.md (10 cm of 40). */
  deviceShare: 0.25,
  deviceCap: 0.02,
  /** Rules alone are no film detector (exam AUC 0.59 in detector-notes.md): nothing they find is surer than this. */
  cap: 0.75,
} as const;

/** Segmentation of the chest on a coarse grid. */
export const ANATOMY = {
  /** Edge of a cell of the coarse grid, mm. [design]: a third of a lobar bronchus. */
  cellSizeMm: 2.5,
  /** Below this mean HU a cell is air or aerated lung. [design]: halfway between lung and soft tissue. */
  airBelowHu: -420,
  /** Border cells below this HU are open air outside the patient, HU. Lung, even emphysematous, is denser. [design] */
  openAirBelowHu: -935,
  /** Depths tried, one after the other, at which the two lungs must fall apart, mm. [design] */
  separationDepthsMm: [6, 9, 13, 18],
  /** A lung grows from its core through air by this much more than the core's depth, mm. [design] */
  regrowMm: 30,
  /** Mean HU of a lung. Gas in bowel is lower, fat higher. [design] */
  lungMeanHu: [-965, -450],
  /** The smaller lung has at least this share of the larger one's volume, else it is not a second lung. [design] */
  smallerLungShare: 0.12,
  /** The lungs' centres are at least this far apart, mm. [design] */
  leastLungDistanceMm: 60,
  /** Least volume of aerated lung of a chest, mL; a normal one holds 3,000-6,000. [design] */
  leastLungMl: 700,
  /** Least height of aerated lung, mm; the bases on an abdominal scan are lower. [design] */
  leastLungHeightMm: 110,
  /** Radius of the closing that takes vessels, hilum and dense lesions into the lung, mm. [design] */
  closingMm: 14,
  /** Least number of slices that make a volume. [design] */
  leastSlices: 12,
  /** Least extent of the volume along any axis, mm. [design] */
  leastExtentMm: 90,
  /** A cell of this mean HU or more is bone, calcium, metal or cement, HU. [design] */
  boneHu: 190,
  /** Half width and depth of the box that the spine fills best, mm. Source: thoracic vertebral bodies are 25-40 mm wide. */
  spineBoxHalfMm: 16,
  /** The spine's centre moves by no more than this per millimetre of height. [design] */
  spineSlope: 0.8,
  /** Half width of the spine's label, transverse processes left out, mm. [design] */
  spineHalfWidthMm: 24,
  /** The label reaches this far before and behind the centre, mm. [design] */
  spineFrontMm: 22,
  spineBackMm: 48,
  /** Veins along the spine are looked for within this distance from its label, mm. [design] */
  paravertebralMm: 32,
} as const;

/** Candidates from the cement network's answer (core/candidates). Lengths in pixels of the answer: 0.8 mm. */
export const FILM_HEAT = {
  /** Probability from which a piece starts, and down to which it is followed. [design] */
  startAt: 0.3,
  followAt: 0.12,
  /** Pieces this close are beads of one cast: 3 mm. Source: detector-notes.md bridges up to 5 mm. */
  maxGapPx: 4,
  /** Pieces of fewer pixels are noise. [design] */
  minPixels: 2,
  /** Shorter branches are bumps: 4 mm. [design] */
  minBranchPx: 5,
  /** More candidates than this and the surest are kept. [design] */
  maxCandidates: 60,
  /** Reach of the profile across a line to either side, working pixels: 5.6 mm. [design] */
  profileReachPx: 14,
  /** Width at half height that a sharp edge shows through the film's blur and our resampling, working pixels. [design] */
  blurWidthPx: 1.8,
  /** Length over width below which a piece is a dot. [design] */
  dotSlenderness: 2,
  /** Length above which a thing is as long as a catheter or lead. Source: clinical.md, longer than 10 cm. */
  deviceLengthMm: 100,
} as const;

/** Score of a film candidate on a logit scale. Source: fitted by training/film/fit_score.py, see the model card. */
export const FILM_SCORE = {
  bias: -1,
  weights: {
    meanHeatLogit: 1,
    peakHeatLogit: 0,
    logLengthMm: 0,
    logContrastToSpread: 0,
    logContrastToNoise: 0,
    branches: 0,
    deviceHeatLogit: 0,
    lungShare: 0,
    logWidthMm: 0,
  },
  /** A line as long as a catheter, without a branch, is no surer than this. [design] */
  deviceCap: 0.1,
} as const;

/** What the film networks are given, and how their answers are read (core/anatomy, core/candidates, core/classify). */
export const FILM_NETWORKS = {
  /** Longer side of the film as the lung network sees it. Equal to SIDE in training/film/lung_net.py. */
  lungSidePx: 128,
  /** Less lung than this share of the film is no chest or spine film. [design] */
  minLungShare: 0.03,
  /** The smaller lung field has at least this share of the larger one, or the film shows one lung. [design] */
  minLungBalance: 0.25,
  /** Pixel size of the film as the cement network sees it: four pixels across 1.5 mm with blur. [design] */
  workingPixelMm: 0.4,
  /** Width of the middle 98 % of both lungs, for films without a scale. [design] after 35-43 cm fields (shared/data). */
  lungsWidthMm: 265,
  /** Longer side of a film whose lungs cannot be measured. [design] */
  fieldMm: 380,
  /** Around the box of the lungs. [design] */
  marginMm: 10,
  /** Sigmas of the local mean and of the local spread, working pixels. [design] */
  fineSigmaPx: 12,
  coarseSigmaPx: 24,
  /** Local spread never counts as less: one grey level of 255. */
  leastSpread: 0.004,
  /** Contrast beyond this many local spreads is cut off. [design] */
  maxSpreads: 6,
} as const;
