import type { CtCandidate } from '../candidates/ct-candidates.js';
import { CT_BLOOD, CT_RULES } from '../parameters.js';

/** What the rules look at beside the candidate itself. */
export interface CtContext {
  readonly isThickSliced: boolean;
  /** Attenuation of blood, contrast included. */
  readonly bloodHu: number;
  /** Standard deviation of the noise in soft tissue. */
  readonly noiseHu: number;
  /** How many candidates of this exam have about its size, itself included, when it is a short rod. */
  readonly likeIt: number;
}

export interface Judgement {
  readonly probability: number;
  readonly reasons: readonly string[];
}

/** One point of evidence: logits, and words for the reader where it says much. */
interface Evidence {
  readonly logit: number;
  readonly words?: string;
}

/** Why a candidate cannot be surer than this, whatever else speaks for it. */
interface Limit {
  readonly most: number;
  readonly words: string;
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Probability that a candidate is a cement embolus, by rules, with the reasons in words. */
export function judgeCtCandidate(candidate: CtCandidate, context: CtContext): Judgement {
  const evidence = weigh(candidate);
  const limits = findLimits(candidate, context);
  const logit = evidence.reduce<number>((sum, one) => sum + one.logit, CT_RULES.bias);
  const least = isDenseDot(candidate) ? CT_RULES.denseDotFloor : 0;
  const probability = Math.min(Math.max(least, 1 / (1 + Math.exp(-logit))), ...limits.map((limit) => limit.most));
  const size = `length ${candidate.lengthMm.toFixed(1)} mm, ${candidate.slenderness.toFixed(1)} times its width`;
  const words = [...evidence, ...limits].map((one) => one.words).filter((text) => text !== undefined);
  return { probability, reasons: [size, ...words] };
}

/** A dot as dense as cement in aerated lung is worth a look, though its shape says nothing. */
function isDenseDot({ slenderness, peakHu, surround }: CtCandidate): boolean {
  return (
    slenderness < CT_RULES.dotSlenderness &&
    peakHu >= CT_RULES.metalLikeHu &&
    surround.aeratedShare >= CT_RULES.softTissueAerated
  );
}

function weigh(candidate: CtCandidate): Evidence[] {
  const { slenderness, lengthMm, peakHu, surround, vesselEnds } = candidate;
  const isSlender = slenderness > CT_RULES.branchingSlenderness;
  const forks = candidate.branchCount > 0 && isSlender;
  return [
    { logit: CT_RULES.slenderWeight * clamp((slenderness - 2.5) / 1.5, -1, 1) },
    { logit: CT_RULES.lengthWeight * clamp((lengthMm - 7) / 5, -1, 1.2) },
    { logit: CT_RULES.aeratedWeight * clamp((surround.aeratedShare - 0.5) * 2, -1, 1) },
    {
      logit: CT_RULES.peakWeight * clamp((peakHu - 500) / 700, -1, 1),
      ...(peakHu >= CT_RULES.metalLikeHu && { words: 'denser than most calcium' }),
    },
    {
      logit: CT_RULES.vesselEndsWeights[vesselEnds]!,
      words: ['no vessel in line with it', 'in line with a vessel at one end', 'in line with a vessel at both ends'][
        vesselEnds
      ]!,
    },
    ...(forks ? [{ logit: CT_RULES.branchingBonus, words: `branches (${candidate.branchCount})` }] : []),
    ...(candidate.pieces > 1 ? [{ logit: CT_RULES.beadedBonus, words: `${candidate.pieces} beads in a line` }] : []),
  ];
}

function findLimits(candidate: CtCandidate, context: CtContext): Limit[] {
  const { slenderness, lengthMm, peakHu, surround, place } = candidate;
  const limits: Limit[] = [];
  const add = (applies: boolean, most: number, words: string): void => {
    if (applies) limits.push({ most, words });
  };
  const isDot = slenderness < CT_RULES.dotSlenderness;
  add(isDot && lengthMm < CT_RULES.dotLengthMm, CT_RULES.dotCap, 'a dot: cannot be told from a calcified granuloma');
  add(isDot && lengthMm >= CT_RULES.dotLengthMm, CT_RULES.dotCap, 'round, as granulomas and calcified nodes are');
  const isInLine =
    candidate.vesselEnds === 1 &&
    ((candidate.pieces > 1 && !context.isThickSliced) ||
      (candidate.calibreMm >= CT_RULES.wideInLineMm && slenderness >= CT_RULES.tubeSlenderness));
  const isBlurredClip =
    context.isThickSliced && lengthMm < CT_RULES.shortestThickMm && slenderness < CT_RULES.thickClipSlenderness;
  const isShort =
    lengthMm < CT_RULES.shortestMm ||
    isBlurredClip ||
    (lengthMm < (isInLine ? CT_RULES.shortInLineMm : CT_RULES.shortMm) && candidate.vesselEnds < 2);
  add(!isDot && isShort, CT_RULES.shortCap, 'a short rod, as clips are');
  const enhancementHu = CT_RULES.faintBloodShare * Math.max(0, context.bloodHu - CT_BLOOD.unenhancedHu);
  const faintHu = enhancementHu + (context.isThickSliced ? CT_RULES.faintPeakThickHu : CT_RULES.faintPeakHu);
  const isSureTube =
    peakHu >= CT_RULES.tubePeakHu + enhancementHu &&
    lengthMm >= CT_RULES.tubeLengthMm &&
    slenderness >= CT_RULES.tubeSlenderness &&
    candidate.vesselEnds > 0 &&
    surround.aeratedShare >= CT_RULES.tubeAerated;
  const faintWords = `no more than ${Math.round(peakHu)} HU, as calcified bronchial walls have`;
  // Thin slices keep enough of a cast to tell it from a calcified wall; thick ones may leave little of a thin one.
  const isInVessel = candidate.vesselEnds === 2 && peakHu >= CT_RULES.tubeThinPeakHu + enhancementHu;
  add(peakHu < faintHu && !(isSureTube && (context.isThickSliced || isInVessel)), CT_RULES.faintCap, faintWords);
  const isFilled = peakHu < context.bloodHu + CT_RULES.aboveContrastHu;
  add(
    isFilled && context.bloodHu >= CT_RULES.enhancedBloodHu,
    CT_RULES.faintCap,
    `little denser than the contrast in the blood, ${Math.round(context.bloodHu)} HU`,
  );
  const isCentral = place === 'mediastinum';
  const isOneWide = candidate.calibreMm >= CT_RULES.thinCalibreMm && candidate.pieces === 1;
  const isChunk = slenderness < CT_RULES.chunkSlenderness;
  const aloneMm = isOneWide ? (isChunk ? CT_RULES.aloneChunkMm : CT_RULES.aloneWideMm) : CT_RULES.aloneMm;
  add(
    !isCentral && !isDot && candidate.vesselEnds === 0 && lengthMm < aloneMm,
    CT_RULES.aloneCap,
    'in no vessel that shows, as clips and seeds are',
  );
  // Of beads the widest gives the calibre; specks along a catheter's edge hold next to nothing over their length.
  const meanCalibreMm = 2 * Math.sqrt(candidate.volumeMm3 / (Math.PI * lengthMm));
  const leastCalibreMm = candidate.pieces > 1 ? Math.min(candidate.calibreMm, meanCalibreMm) : candidate.calibreMm;
  add(
    !isCentral &&
      candidate.branchCount === 0 &&
      leastCalibreMm < CT_RULES.threadCalibreMm &&
      (candidate.vesselEnds < 2 || candidate.calibreMm < CT_RULES.threadInVesselMm),
    CT_RULES.threadCap,
    'thinner than the filling of a vessel, as calcified walls are',
  );
  const isAlone = !isCentral && candidate.vesselEnds === 0;
  add(
    isCentral && candidate.branchCount === 0 && candidate.chord < CT_RULES.centralArcChord,
    CT_RULES.centralArcCap,
    'an arc between the lungs, as calcified valve rings are',
  );
  add(
    isAlone && candidate.depthMm < CT_RULES.edgeDepthMm,
    CT_RULES.edgeCap,
    'close to the surface of the lung and in no vessel, as pleural plaques are',
  );
  add(
    !isCentral &&
      candidate.vesselEnds < 2 &&
      candidate.pieces === 1 &&
      slenderness < CT_RULES.coilSlenderness &&
      candidate.chord < CT_RULES.coilChord,
    CT_RULES.coilCap,
    'thick and bent, as a turn of a coil is',
  );
  add(
    !isCentral &&
      candidate.vesselEnds + candidate.branchCount < 2 &&
      lengthMm < CT_RULES.coilMm &&
      candidate.flatness > CT_RULES.coilFlatness &&
      candidate.pieces === 1 &&
      candidate.chord < (context.isThickSliced ? CT_RULES.coilChord : CT_RULES.flatCoilChord),
    CT_RULES.coilCap,
    'bent and hollow, as a coil is',
  );
  add(
    isAlone &&
      candidate.branchCount === 0 &&
      slenderness > CT_RULES.centralMostSlenderness &&
      lengthMm > CT_RULES.aloneWireMm,
    CT_RULES.aloneCap,
    'long and thin in no vessel, as catheters and wires are',
  );
  add(
    !context.isThickSliced &&
      candidate.pieces === 2 &&
      candidate.branchCount === 0 &&
      candidate.calibreMm >= CT_RULES.pairCalibreMm &&
      peakHu < CT_RULES.pairPeakHu,
    CT_RULES.aloneCap,
    'two beads no denser than calcified nodes',
  );
  add(isAlone && !isDot && peakHu < CT_RULES.aloneFaintHu, CT_RULES.aloneCap, 'faint and in no vessel that shows');
  // The longest way through a fork turns back on itself.
  const isFork = candidate.branchCount > 0 && candidate.vesselEnds > 0 && candidate.flatness <= CT_RULES.forkFlatness;
  add(candidate.chord < CT_RULES.loopChord && !isDot && !isFork, CT_RULES.loopCap, 'a loop, as wires and coils are');
  add(
    surround.streakShare > CT_RULES.streakShare && context.noiseHu < CT_RULES.quietNoiseHu,
    CT_RULES.streakCap,
    'streaks beside it, as metal throws',
  );
  const isWire = slenderness > CT_RULES.centralMostSlenderness && lengthMm > CT_RULES.centralWireMm;
  add(
    isCentral && candidate.branchCount < 2 && (isWire || lengthMm > CT_RULES.centralLongestMm),
    CT_RULES.deviceCap,
    'long and thin between the lungs, as catheters and wires are',
  );
  add(isCentral && lengthMm < CT_RULES.centralMinLengthMm, CT_RULES.softTissueCap, 'short, between the lungs');
  add(
    isCentral &&
      context.bloodHu >= CT_RULES.enhancedBloodHu &&
      candidate.calibreMm > CT_RULES.veinCalibreMm &&
      peakHu < CT_RULES.veinPeakHu,
    CT_RULES.softTissueCap,
    'as wide as a vein and no denser than contrast can be',
  );
  const isMetalLike = peakHu >= (context.isThickSliced ? CT_RULES.cementThickHu : CT_RULES.cementHu);
  const isTubular =
    slenderness >= CT_RULES.softTissueSlenderness && lengthMm >= CT_RULES.softTissueLengthMm && isMetalLike;
  const isSoftTube =
    place === 'lung' &&
    peakHu >= CT_RULES.softTubePeakHu + enhancementHu &&
    slenderness >= (candidate.vesselEnds === 2 ? CT_RULES.softVesselSlenderness : CT_RULES.softTubeSlenderness) &&
    lengthMm >= CT_RULES.softTubeLengthMm &&
    candidate.vesselEnds > 0;
  const isInSoftTissue = surround.aeratedShare < CT_RULES.softTissueAerated || place === 'mediastinum';
  add(
    isInSoftTissue && !isTubular && !isSoftTube,
    CT_RULES.softTissueCap,
    'in soft tissue, as calcified nodes and walls are',
  );
  add(candidate.flatness > CT_RULES.plateFlatness, CT_RULES.plateCap, 'flat, as calcified walls and pleura are');
  add(
    place === 'lung' && candidate.depthMm < CT_RULES.nearWallMm,
    CT_RULES.nearWallCap,
    'at the surface of the lung, as pleural calcium and ribs are',
  );
  add(candidate.shareInChest < CT_RULES.minShareInChest, CT_RULES.softTissueCap, 'reaches beyond the lung');
  add(candidate.shareInSpine > CT_RULES.mostInSpine, CT_RULES.spineCap, 'part of the spine');
  add(
    candidate.shareBesideSpine >
      (slenderness < CT_RULES.veinSlenderness ? CT_RULES.mostBesideSpineThick : CT_RULES.mostBesideSpine) &&
      surround.aeratedShare < CT_RULES.softTissueAerated,
    CT_RULES.besideSpineCap,
    'beside the spine, where its veins run',
  );
  add(lengthMm > CT_RULES.deviceLengthMm, CT_RULES.deviceCap, 'longer than 10 cm, as a catheter or lead is');
  add(context.likeIt >= CT_RULES.repeatedRods, CT_RULES.repeatedCap, 'one of several identical short rods');
  return limits;
}
