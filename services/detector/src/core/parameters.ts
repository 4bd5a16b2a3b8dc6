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
  /** Edge of the cells in which anatomy is sought, mm: finer than a lobar vessel. [design] */
  cellMm: 3,
  /** Air and aerated lung lie below, soft tissue above. Source: Hounsfield scale, midway between lung and water. */
  airBelowHu: -450,
  /** Open air at the border of the picture lies below; lung, even emphysematous, is denser. [design] */
  openAirBelowHu: -935,
  /** Depths at which the two lungs must fall apart, tried one after the other, mm. [design] */
  separationDepthsMm: [6, 9, 13, 18],
  /** A lung grows back from its core through air by this much more than the core's depth, mm. [design] */
  regrowMm: 25,
  /** Mean of a lung's core: gas in bowel lies below, fat above, HU. [design] */
  meanHu: [-965, -450],
  /** With less of the larger lung's volume the second is none. [design] */
  smallerLungShare: 0.1,
  /** The lungs' centres are at least this far apart, mm. [design] */
  leastDistanceMm: 60,
  /** Closes over hilar vessels and dense lesions up to twice this wide, mm. [design] */
  closingMm: 13,
  /** Less lung than this is an abdomen, a limb or a phantom: adult lungs hold 2,000-7,000 ml. [design] */
  minVolumeMl: 700,
  /** More air than this is no pair of lungs. [design] */
  maxVolumeMl: 12_000,
  /** Less height shows too little to call anything absent: adult lungs are 200-300 mm high. [design] */
  minHeightMm: 100,
  /** Less height than this is reported as limited quality. [design] */
  wholeHeightMm: 160,
  /** Each side holds at least this share of the lung, or one lung is missing from the image. [design] */
  minSideShare: 0.1,
  /** More noise than this in the mediastinum hides thin casts, HU. [design] */
  noisyHu: 60,
  /** Median attenuation of what is aerated: lung lies between -950 and -600, a phantom's air near -1,000. [design] */
  parenchymaHu: [-970, -550],
} as const;

/** The spine in CT (core/anatomy). Source of the sizes: thoracic vertebral bodies are 25-40 mm wide and 20-35 mm deep. */
export const CT_SPINE = {
  /** Half the width of the box that the spine fills best, and its reach before the centre, mm. */
  boxHalfMm: 16,
  /** Its reach behind the centre, over pedicles and spinous process, mm. */
  boxBackMm: 40,
  /** The first layer is searched this far to both sides of the midline, mm. [design] */
  searchHalfMm: 30,
  /** The centre moves no more than this per millimetre of height. [design] */
  slope: 0.8,
  /** What is denser than this counts as bone, up to the span above it, HU. [design] */
  boneFromHu: 130,
  boneAboveBloodHu: 60,
  boneSpanHu: 400,
  /** The label around the centre: half width, reach to the front and to the back, mm. */
  labelHalfMm: 22,
  labelFrontMm: 20,
  labelBackMm: 46,
  /** Deeper in the closed lung than this the label does not reach, mm. [design] */
  depthInLungMm: 10,
  /** Veins along the spine are looked for within this distance from the label, mm. [design] */
  paravertebralMm: 30,
} as const;

/** Attenuation of blood, from the heart and great vessels (core/anatomy). */
export const CT_BLOOD = {
  /** Soft tissue between fat and the densest contrast. Source: Hounsfield scale; iodine 10-20 mg/mL is 310-570 HU, clinical.md [C]. */
  softTissueHu: [-20, 700],
  /** Taken where there is nothing to sample: unenhanced blood. Source: Hounsfield scale. */
  unenhancedHu: 45,
  /**
   * Blood is brighter than this share of the mediastinum's soft tissue: in the arterial phase only the right heart and
   * the pulmonary arteries are filled. [design]
   */
  percentile: 0.96,
  /** From front to back of the mediastinum, where the sternum no longer and the spine not yet is. [design] */
  frontShare: [0.1, 0.55],
  /** Fewer samples say nothing. [design] */
  minBlocks: 50,
  /** Noise taken where there is nothing to sample, HU. [design] */
  usualNoiseHu: 20,
  /** Cells whose noise is measured. [design] */
  noiseSamples: 400,
} as const;

/** Dense candidates in CT (core/candidates). */
export const CT_CANDIDATES = {
  /** Least seed attenuation: above unenhanced blood with noise; a 1 mm cast of 19 % barium keeps 340 HU at 3 mm. Source: clinical.md [C]. */
  minSeedHu: 200,
  /** The same on slices over 3 mm, where noise is low and casts of 1-2 mm peak at 325-1,160 HU. Source: clinical.md [C]. */
  minSeedThickHu: 180,
  /** Seeds lie this far above the blood pool, so that contrast-filled arteries are none. [design] */
  aboveBloodHu: 140,
  /** And this many times the noise. [design]: one voxel in 300,000 of Gaussian noise. */
  aboveNoise: 4.5,
  /** Between the lungs, where calcium is common and casts are wide, seeds lie this far above the blood. [design] */
  aboveBloodBetweenHu: 400,
  /** Growth goes down to this share of the way from blood to the seed level. [design] */
  growShare: 0.6,
  /** Cells within this of the closed lung's surface are chest wall or diaphragm. [design] */
  minDepthMm: 1,
  /** A component larger than this is bone or a device, never an embolus. [design] */
  maxVolumeMm3: 15_000,
  /** A component smaller than this is noise: two voxels of a thin CT. [design] */
  minVolumeMm3: 0.6,
  /** With less of it in lungs or mediastinum, or more in the spine, a component is bone and not measured. [design] */
  measuredShareInChest: 0.5,
  measuredShareInSpine: 0.5,
  /** More candidates than this in one exam and the largest are kept. [design] */
  maxCandidates: 400,
  /** Half maximum is taken of the largest value within this distance. [design] */
  peakReachMm: 3,
  /** Beads of one cast lie this close along the vessel. Source: detector-notes.md. */
  closeBeadGapMm: 6,
  /** Wider gaps, up to this, are bridged where the beads lie straighter. [design] */
  maxBeadGapMm: 9,
  /** Pieces larger than this are no beads. [design] */
  maxBeadMm3: 250,
  /** A row of beads is at least this straight: its chord over its length. [design] */
  leastBeadChord: 0.8,
  leastFarChord: 0.93,
  /** What fills the gap between beads is denser than this, partial volume of a small vessel included. [design] */
  bridgeFromHu: -550,
  /** Attenuation of lung around a candidate. Source: Hounsfield scale. */
  aeratedBelowHu: -500,
  /** Darker than air: a streak. Source: Hounsfield scale, -1,000 with noise. */
  streakBelowHu: -1015,
  /** Where streaks are looked for, mm from each voxel. [design] */
  streaksAtMm: [4, 7, 11],
  /** How far from a candidate its surroundings are sampled. [design] */
  surroundMm: 4,
  /** Nearer than this to the spine's label lie its veins, mm. [design] */
  besideSpineMm: 9,
  /** Attenuation taken for solid cement where the voxels are clipped or blurred: 19 wt% barium at 70 keV. Source: clinical.md [C]. */
  solidCementHu: 4720,
  /** Least attenuation of solid cement: 10 wt% zirconia at 70 keV, less a margin. Source: clinical.md [C]. */
  leastCementHu: 1200,
  /** Standard deviation of the blur in the slice: a soft kernel's, and no less than this share of a pixel. [design] */
  blurMm: 0.5,
  blurPixels: 0.65,
  /** Standard deviation of the slice profile as a share of the slice thickness: of a box 0.29. [design] */
  sliceBlurShare: 0.31,
  /** Excess per length over peak, in units of the blur's own, from which the calibre tells on the peak. [design] */
  thinRatio: 1.3,
  /** Cross-sections are looked at within this many widths of the path. [design] */
  flatnessReach: 1.1,
  /** The flatness exceeded by all but this share of the path: a fork is flat where it forks only. [design] */
  flatnessQuantile: 0.3,
  /** Thinner than this is not told from this, mm. [design] */
  leastThicknessMm: 1.2,
  leastThicknessSpacings: 0.6,
  /** Branches shorter than this many widths of the candidate are bumps. [design] */
  minBranchWidths: 1.3,
  /** Branches shorter than this are bumps whatever the calibre. [design] */
  minBranchMm: 4,
  /** Full width at half maximum below which voxels say nothing of the calibre: about two voxels. [design] */
  resolvedVoxels: 2.5,
} as const;

/** Looking for the vessel that a candidate lies in (core/candidates). All [design]. */
export const CT_VESSELS = {
  /** The direction of an end is taken over this much of the path, mm. */
  directionMm: 6,
  /** The vessel is sought from this far beyond the end, where blur of the cast has faded, mm. */
  beyondEndMm: 1.5,
  /** And further where it has not, mm. */
  fadesMm: 3.5,
  /** It is followed this far at most, in steps, mm. */
  followMm: 15,
  stepMm: 1,
  /** Turns of the first and of further steps, as tangents, each in this many directions; and what a turn costs. */
  firstTilts: [0, 0.2, 0.4],
  nextTilts: [0, 0.2, 0.45],
  coneTurns: 8,
  turnCostHu: 300,
  aheadMm: [1, 2, 3],
  /** A vessel of 1 mm or more, blurred, is denser than this; and no denser than blood by more than this. */
  softFromHu: -550,
  aboveBloodHu: 250,
  /** Beside it, at one of these distances, lies lung: in at least this many of eight directions. */
  besideMm: [4, 7, 10],
  aeratedBelowHu: -600,
  airBeside: 5,
  /** Followed this far, it goes on. */
  goesOnMm: 6,
} as const;

/** Lobes in CT, by planes in the box around a lung (core/anatomy). [design] */
export const CT_ZONES = {
  /** Where the oblique fissure meets the back of the lung, as a share of its height. */
  obliqueFissureShare: 0.7,
  /** Height of the horizontal fissure, as a share of the lung's height. */
  horizontalFissureShare: 0.45,
} as const;

/** Judging CT candidates (core/classify): the rules' weights on a logit scale. All [design], none fitted. */
export const CT_RULES = {
  bias: -1.2,
  /** Denser than most calcium: a word for the reader. */
  metalLikeHu: 1300,
  slenderWeight: 1.5,
  lengthWeight: 1.2,
  aeratedWeight: 0.7,
  peakWeight: 0.8,
  /** A vessel goes on from none, one or both of its ends. */
  vesselEndsWeights: [-1, 0.4, 1.1],
  branchingBonus: 1,
  branchingSlenderness: 3,
  beadedBonus: 0.5,
  /** Rounder than this is a ball. Source: clinical.md, granulomas have an aspect below 2. */
  dotSlenderness: 2.2,
  /** A lone dot is shorter than this. Source: detector-notes.md, not decidable. */
  dotLengthMm: 5,
  dotCap: 0.35,
  /** A dot as dense as cement, in lung, is at least this probable: indeterminate. */
  denseDotFloor: 0.3,
  /** A slender thing shorter than this may be a clip (4-9 mm), unless a vessel enters and leaves it. */
  shortMm: 11,
  /** The same where a vessel goes on from one end of beads, or of what is slender and wider than clips' wires: mm. [design] */
  shortInLineMm: 9,
  wideInLineMm: 1.8,
  /** Shorter than this, whatever vessel it lies in. */
  shortestMm: 6.5,
  /** The same in thick slices for what is little longer than wide, as their blur makes clips and seeds. [design] */
  shortestThickMm: 9,
  thickClipSlenderness: 3.1,
  /** Without any vessel in line, in the lung, shorter things may be clips, coils or seeds. */
  aloneMm: 18,
  aloneWideMm: 10,
  /** The same for what is little longer than wide, as a coil seen as one: slenderness, mm. [design] */
  chunkSlenderness: 3,
  aloneChunkMm: 14,
  /** Thinner than this are clips, seeds and wires of coils. */
  thinCalibreMm: 2.2,
  aloneCap: 0.42,
  /** Longer and as slender as wires are, in no vessel: mm. [design] */
  aloneWireMm: 40,
  /**
   * A line whose integrated excess is that of a solid cast thinner than this, mm, is a film on a wall rather than the
   * filling of a lumen: casts of 1 mm and more are sought, and measure 1 mm and more. [design]
   */
  threadCalibreMm: 0.62,
  /** The same where a vessel goes on from both ends: weak cement measures thinner than it is. [design] */
  threadInVesselMm: 0.55,
  threadCap: 0.42,
  /** Between the lungs an unbranched arc, chord over length, is a calcified valve ring; casts there lie straight. [design] */
  centralArcChord: 0.86,
  centralArcCap: 0.42,
  /** In no vessel and no deeper than this under the lung's surface, mm: pleural plaques are, casts lie deeper. [design] */
  edgeDepthMm: 6,
  edgeCap: 0.3,
  /** Thick for its length, bent, and no vessel through it: a turn of a coil. Slenderness, and chord over length. [design] */
  coilSlenderness: 4,
  coilChord: 0.75,
  /** Bent, no longer than this, mm, and its turns seen beside each other as something flat: a coil. [design] */
  coilMm: 32,
  coilFlatness: 1.35,
  flatCoilChord: 0.86,
  coilCap: 0.42,
  /** Two beads at least so wide, mm, and fainter than this, HU, are nodes beside an artery: cement so wide is denser. [design] */
  pairCalibreMm: 1.3,
  pairPeakHu: 900,
  /** In no vessel, a line fainter than this, HU, may be a catheter's edge or a wall. [design] */
  aloneFaintHu: 600,
  /** A path whose ends meet is a wire or a coil: chord over length. */
  loopChord: 0.35,
  /** Flatter than this a branched loop is a coil, not a fork. [design] */
  forkFlatness: 1.5,
  loopCap: 0.15,
  /** Streaks beside it in a quiet image: metal. Share of its surroundings darker than air, and noise, HU. */
  streakShare: 0.03,
  quietNoiseHu: 35,
  streakCap: 0.4,
  shortCap: 0.42,
  /**
   * Fainter candidates may be calcified bronchial walls: a 1.5 mm cast of 10 % barium keeps 460 HU at 3 mm slices.
   * Source: clinical.md [C].
   */
  faintPeakHu: 450,
  /** The same on slices over 3 mm, where little is left of a thin cast. Source: clinical.md [C]. */
  faintPeakThickHu: 400,
  faintCap: 0.18,
  /** From this attenuation blood holds contrast: unenhanced blood is 35-60 HU. [design] */
  enhancedBloodHu: 120,
  /** In enhanced exams a cast stands above the lumen by more than noise and uneven filling. [design] */
  aboveContrastHu: 250,
  /** A faint one still counts when it is this long and slender, in line with a vessel and in aerated lung. */
  tubePeakHu: 350,
  /** On thin slices such a one is denser than this and lies in a vessel at both ends: walls reach 320 HU there. */
  tubeThinPeakHu: 385,
  tubeLengthMm: 9,
  tubeSlenderness: 4,
  tubeAerated: 0.5,
  /** In soft tissue only metal-like attenuation and tubular form count. Source: detector-notes.md. */
  softTissueAerated: 0.35,
  cementHu: 1800,
  cementThickHu: 1650,
  softTissueSlenderness: 3,
  softTissueLengthMm: 9,
  /** Or, in line with a vessel, less dense but longer and more slender than calcified walls are. */
  softTubePeakHu: 700,
  softTubeSlenderness: 6,
  /** With a vessel at both ends less slender ones count too. [design] */
  softVesselSlenderness: 4.5,
  softTubeLengthMm: 12,
  softTissueCap: 0.15,
  /** Between the lungs a cast is at least this long. [design] */
  centralMinLengthMm: 12,
  /**
   * Catheters and wires between the lungs do not branch. They are more slender than a cast and longer than this, mm, or
   * longer than any cast there; thick slices and contrast make them look wide. [design]
   */
  centralMostSlenderness: 18,
  centralWireMm: 50,
  centralLongestMm: 60,
  /** Dense contrast in a vein is wide and less dense than solid cement. */
  veinCalibreMm: 7,
  veinPeakHu: 2600,
  /** Wider across its path than thick by more than this: a plate. */
  plateFlatness: 3.2,
  plateCap: 0.15,
  /** Nowhere deeper under the lung's surface than this is pleura or rib. */
  nearWallMm: 3.5,
  nearWallCap: 0.18,
  /** With less of it in lungs or mediastinum a candidate belongs to the chest wall. */
  minShareInChest: 0.7,
  /** With more of it in the spine's label a candidate belongs to the spine; with more beside it, to its veins. */
  mostInSpine: 0.1,
  mostBesideSpine: 0.6,
  /** The same for what is thicker for its length than the filling of an azygos or hemiazygos vein: slenderness. [design] */
  veinSlenderness: 4.5,
  mostBesideSpineThick: 0.2,
  spineCap: 0.15,
  besideSpineCap: 0.42,
  /** Of what contrast adds to blood, faintness moves by this share: walls and nodes enhance too. */
  faintBloodShare: 0.7,
  /** Longer than this is a catheter or lead. Source: clinical.md (longer than 10 cm). */
  deviceLengthMm: 100,
  deviceCap: 0.05,
  /** Identical short rods this many times are clips, staples or seeds. Source: clinical.md. */
  repeatedRods: 3,
  repeatedCap: 0.15,
  /** Longer things are not counted as rods: clips and seeds are about 5 mm. Source: clinical.md [M]. */
  longestRodMm: 9,
  /** Rods are alike when length and calibre differ by no more than this share. */
  alikeShare: 0.2,
} as const;

/** Organs between the lungs in CT, by place (core/anatomy). All [design]. */
export const CT_SITES = {
  /** Nearer to the centre of a vertebra than this, towards the front, lies the azygos vein, mm. */
  azygosBeforeSpineMm: 30,
  /** The inferior vena cava runs this far to the right of the spine's centre, mm, and in this lowest share of the lungs. */
  cavaRightOfSpineMm: 10,
  cavaBelow: 0.3,
  /** The heart fills the mediastinum up to this share of the lungs' height, this far before the spine's centre, mm. */
  heartBelow: 0.45,
  heartBeforeSpineMm: 45,
} as const;

/** Cement in and around the spine (core/candidates). Cement reaches 1,350-8,130 HU, cortical bone 1,560. Source: clinical.md [C]. */
export const CT_SPINE_CEMENT = {
  /** Levels in a vertebra, HU: above bone, whose cortex is thin and blurred. [design] */
  vertebra: { seedHu: 1400, growHu: 1050 },
  /** Less is dense cortex or an end plate, mm3. [design] */
  minVolumeMm3: 400,
  /** Cement fills the body: at least this share lies before the spinal canal. [design] */
  minShareInBody: 0.75,
  /** The canal begins this far behind the body's centre, mm. Source: vertebral bodies are 20-35 mm deep. */
  bodyBackMm: 18,
  /** Probability of cement in a vertebra, from which peak on it is sure, and with less. [design] */
  surePeakHu: 1900,
  sureProbability: 0.9,
  unsureProbability: 0.4,
  /** Cement lies in the body as a bulk that holds a ball of this radius; a vein's filling does not, mm. [design] */
  bulkRadiusMm: 2.5,
  /** Rough edges of the bulk, mm. [design] */
  bulkSkinMm: 1.5,
  /** Levels beside a vertebra, HU: above ribs and their joints. [design] */
  leak: { seedHu: 1400, growHu: 900 },
  /** A leak that lies nowhere near a vertebra's cement must be denser than calcium, HU. [design] */
  leakPeakHu: 1900,
  /** A leak apart from the vertebra lies this close to its cement, mm, and is tubular. [design] */
  leakNearMm: 45,
  leakMinLengthMm: 8,
  leakMaxLengthMm: 80,
  leakMinVolumeMm3: 6,
  /** Close to the vertebra's label, veins are thinner than pedicle screws, which measure 5-7 mm. [design] */
  leakShareInSpine: 0.5,
  leakMaxCalibreMm: 4.6,
  /** A vein's filling is round across; calcified walls and facets are not. [design] */
  leakMaxFlatness: 1.6,
  /** Around it lies soft tissue, with some of the vertebra's edge: median, HU. [design] */
  leakMostSurroundHu: 320,
  leakMinSlenderness: 2.5,
  /** A leak that hangs on the vertebra's cement is at least this long, mm, and slender. [design] */
  hangingMinLengthMm: 12,
  hangingMinSlenderness: 6,
  leakProbability: 0.7,
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
  bias: -16.89,
  weights: {
    meanHeatLogit: 0.648,
    peakHeatLogit: 0.47,
    logLengthMm: 0.779,
    logContrastToSpread: 2.144,
    logContrastToNoise: 0.214,
    branches: 1.264,
    deviceHeatLogit: -0.948,
    lungShare: 5.59,
    logWidthMm: -0.322,
  },
  /** A line as long as a catheter, without a branch, is no surer than this. [design] */
  deviceCap: 0.1,
  /** On a lateral film nothing is surer than this: the networks have seen none. Below the alarm. [design] */
  lateralCap: 0.4,
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
