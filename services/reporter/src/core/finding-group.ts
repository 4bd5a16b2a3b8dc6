import type { Finding, FindingKind } from '@pce/shared/contracts/finding';
import { cleanText } from './clean-text.js';
import {
  ARTERY_CODE,
  ARTERY_LEVEL_CODE,
  ASSESSMENT_CODE,
  CHANGE_CODE,
  CONCEPT,
  type Code,
  FINDING_CODE,
  LOBE_CODE,
  NUMBER_QUALIFIER,
  PRESENCE_CODE,
  SHAPE_CODE,
  SIDE_CODE,
  SITE_CODE,
  UNIT,
  VALUE,
  ZONE_CODE,
} from './codes.js';
import { type ContainerItem, type ContentItem, codeItem, numItem } from './content-item.js';
import { roundTo } from './decimal-string.js';
import type { ComparedFindings } from './priors.js';
import { findingComments } from './report-text.js';
import { certainty, comment, findingSite, planarRoiGroup, type Site } from './templates.js';

/** The number is the finding's own, so that report, overlay and pictures agree. */
const TRACKING_PREFIX = {
  'pulmonary-cement-embolism': 'PCE',
  'venous-cement-leak': 'Venous leak',
  'vertebral-cement': 'Vertebral cement',
} as const satisfies Record<FindingKind, string>;

/** Human-readable name of a finding within its study, such as "PCE 2". */
export function trackingIdentifier(finding: Finding): string {
  return `${TRACKING_PREFIX[finding.kind]} ${finding.id}`;
}

/** The artery itself where it has a code, else the organ. */
export function structureCode({ site, arteryLevel, side }: Finding): Code {
  if (site !== 'pulmonary-artery') return SITE_CODE[site];
  if (arteryLevel === 'main') return ARTERY_CODE.main;
  if (arteryLevel === 'right-or-left' && (side === 'right' || side === 'left')) return ARTERY_CODE[side];
  return SITE_CODE[site];
}

function siteOf(finding: Finding): Site {
  const { side, lobe, zone, site } = finding;
  const modifiers: Code[] = [];
  if (lobe) modifiers.push(LOBE_CODE[lobe]);
  else if (zone) modifiers.push(ZONE_CODE[zone]);
  if (site === 'right-heart') modifiers.push(SIDE_CODE.right);
  return {
    structure: structureCode(finding),
    laterality: side === 'right' || side === 'left' ? SIDE_CODE[side] : null,
    modifiers,
  };
}

/** Lengths on a film hold in the detector plane only, and say so. Source: PS3.16 TID 300 row "Measurement Method". */
function measurements({ measurements: m }: Finding): ContentItem[] {
  const method = () =>
    m.inDetectorPlane ? [codeItem('HAS CONCEPT MOD', CONCEPT.measurementMethod, VALUE.detectorPlane)] : [];
  const millimetres = (concept: Code, value: number) =>
    numItem('CONTAINS', concept, roundTo(value, 1), UNIT.millimetre, method());
  const maximum = () => [codeItem('HAS CONCEPT MOD', CONCEPT.derivation, VALUE.maximum)];
  const peakQualifier = m.peakIsClipped ? NUMBER_QUALIFIER.outOfRange : null;
  return [
    ...(m.lengthMm === null ? [] : [millimetres(CONCEPT.length, m.lengthMm)]),
    ...(m.calibreMm === null ? [] : [millimetres(CONCEPT.diameter, m.calibreMm)]),
    ...(m.volumeMm3 === null
      ? []
      : [numItem('CONTAINS', CONCEPT.volume, roundTo(m.volumeMm3, 1), UNIT.cubicMillimetre)]),
    ...(m.peakHu === null
      ? []
      : [numItem('CONTAINS', CONCEPT.attenuation, roundTo(m.peakHu, 0), UNIT.hounsfield, maximum(), peakQualifier)]),
    ...(m.contrastToNoise === null
      ? []
      : [numItem('CONTAINS', CONCEPT.contrastToNoise, roundTo(m.contrastToNoise, 1), UNIT.noUnits, maximum())]),
  ];
}

/** Only a suspected finding is stated as present; what raises no alarm is stated as undetermined. */
function judgement(finding: Finding, code: Code): ContentItem[] {
  const presence = finding.assessment === 'suspected' ? PRESENCE_CODE.present : PRESENCE_CODE.undetermined;
  return [
    certainty(finding.probability),
    codeItem('CONTAINS', code, presence),
    codeItem('CONTAINS', CONCEPT.assessment, ASSESSMENT_CODE[finding.assessment]),
  ];
}

/** The group of one finding, drawn on the image where it shows best. */
export function findingGroup(finding: Finding, compared: ComparedFindings): ContainerItem {
  const change = compared.changes.get(finding);
  const trackingUid = compared.trackingUids.get(finding)!;
  const code = FINDING_CODE[finding.kind];
  const { arteryLevel, morphology } = finding;
  return planarRoiGroup(
    { trackingIdentifier: trackingIdentifier(finding), trackingUid, finding: code },
    finding.regions[0]!,
    [
      findingSite(siteOf(finding)),
      ...measurements(finding),
      ...judgement(finding, code),
      codeItem('CONTAINS', CONCEPT.causativeAgent, VALUE.boneCement),
      codeItem('CONTAINS', CONCEPT.shape, SHAPE_CODE[morphology]),
      ...(arteryLevel ? [codeItem('CONTAINS', CONCEPT.arteryLevel, ARTERY_LEVEL_CODE[arteryLevel])] : []),
      ...(change ? [codeItem('CONTAINS', CONCEPT.changeSincePrior, CHANGE_CODE[change])] : []),
      ...findingComments(finding).map(cleanText).filter(Boolean).map(comment),
    ],
  );
}
