import type { Code, InstanceHeader } from './instance-header.js';

/** What part of the body an image shows, as far as its header tells. */
export type BodyRegion =
  /** Chest, with or without its neighbours. */
  | 'chest'
  /** Thoracic or lumbar spine, or the whole of it. */
  | 'spine'
  /** Upper abdomen: the lung bases may be in the picture. */
  | 'abdomen'
  /** A part in which no lung shows. */
  | 'other'
  | 'unknown';

/** The region and what said so: an attribute and its value, never free text. */
export interface RegionEvidence {
  readonly region: BodyRegion;
  /** For messages: "Body Part Examined KNEE", "a description naming the knee". */
  readonly evidence: string;
}

/** SNOMED CT, and the older SRT codes still in use. Source: PS3.16 CID 4031. */
const REGION_CODES: Readonly<Record<string, BodyRegion>> = {
  '51185008': 'chest',
  '816094009': 'chest',
  'T-D3000': 'chest',
  '39607008': 'chest',
  'T-28000': 'chest',
  '113197003': 'chest',
  'T-11300': 'chest',
  '86598002': 'chest',
  'T-280A0': 'chest',
  '417437006': 'chest',
  'R-FAB52': 'chest',
  '416152001': 'chest',
  'R-FAB53': 'chest',
  '416319003': 'chest',
  'R-FAB54': 'chest',
  '416550000': 'chest',
  'R-FAB55': 'chest',
  '416775004': 'chest',
  'R-FAB56': 'chest',
  '122495006': 'spine',
  'T-11502': 'spine',
  '122496007': 'spine',
  'T-11503': 'spine',
  '421060004': 'spine',
  'T-D04FF': 'spine',
  '1217253001': 'spine',
  '1217256009': 'spine',
  '1217257000': 'spine',
  '818981001': 'abdomen',
  'T-D4000': 'abdomen',
};

/**
 * Body Part Examined: PS3.16 Annex L lists terms, but in practice it is free. Terms that say nothing, or nothing we
 * know, leave the question to the descriptions.
 */
const BODY_PART_TERMS: readonly (readonly [RegExp, BodyRegion])[] = [
  [/^(C|CERVICAL|NECK)[ _-]?(SPINE|SPN)?$|^(SACR|COCCY|SSPINE|HEAD|SKULL|BRAIN)/, 'other'],
  [/CHEST|THORA(X|CIC$)|^LUNG|^RIB|TORAX|POUMON|TRUNK|TORSO|^HEART$|^MEDIASTIN|WHOLE[ _]?BODY|^PULM/, 'chest'],
  [/SPINE|SPN$|VERTEBRA|RACHIS|COLUMNA|WIRBEL|^(BWS|LWS)$|^T-?L/, 'spine'],
  [/ABD|LIVER|KIDNEY/, 'abdomen'],
  [/PELVIS|HIP|KNEE|LEG|FOOT|TOE|ANKLE|CALCANEUS|PATELLA|FEMUR|TIBIA|FIBULA|THIGH|CALF/, 'other'],
  [/HAND|WRIST|FINGER|THUMB|ARM$|ELBOW|HUMERUS|RADIUS|ULNA|SHOULDER|CLAVICLE|SCAPULA|EXTREMITY/, 'other'],
  [/BREAST|JAW|MANDIBLE|MAXILLA|SINUS|ORBIT|FACE|NOSE|ZYGOMA|TEETH|DENTAL|EAR$|EYE$|NECK/, 'other'],
];

/** Words of descriptions, in the languages scanners are set to: English, German, French, Spanish, Italian, Portuguese. */
const CHEST_WORDS = /\b(chest|thora\w*|t[oó]rax|torace|lungs?|lungen?|poumons?|pulm\w*|cxr|ribs?|hemithorax|cap)\b/;
const SPINE_WORDS =
  /\b(spine|spinal|vertebr\w*|wirbels\w*|bws|lws|rachis|colonne|columna|coluna|colonna|[tl][- ]?spine|thoracolumbar|dorsolumbar|lumb\w*)\b/;
const ABDOMEN_WORDS = /\b(abd|abdom\w*|kub|liver|leber|foie|kidney|urogra\w*)\b/;
const OTHER_WORDS =
  /\b(head|brain|skull|sch[aä]del|kopf|cr[aâ]ne\w*|cr[aá]neo|neck|hals|cervical\w*|hws|c[- ]?spine|hand|wrist|finger|elbow|forearm|humerus|shoulder|schulter|[eé]paule|hombro|foot|feet|fuss|pied|pie|toe|ankle|knee|knie|genou|rodilla|femur|tibia|leg|hip|h[uü]fte|hanche|cadera|pelvis|becken|bassin|sacrum|mammo\w*|breast|dental|sinus\w*|orbit\w*|temporal|extremit\w*)\b/;

/**
 * The body region by codes, then Body Part Examined, then words in descriptions: the most deliberate first.
 * Chest wins over other regions named beside it.
 */
export function bodyRegionOf(header: InstanceHeader): RegionEvidence {
  return byCode(header.anatomicRegions) ?? byBodyPart(header.bodyPart) ?? byWords(header.descriptions) ?? UNKNOWN;
}

const UNKNOWN: RegionEvidence = { region: 'unknown', evidence: 'neither codes nor descriptions name a body part' };

function byCode(codes: readonly Code[]): RegionEvidence | null {
  const known = codes.filter((code) => code.value in REGION_CODES);
  const best = known.find((code) => REGION_CODES[code.value] === 'chest') ?? known[0];
  if (!best) return null;
  return { region: REGION_CODES[best.value]!, evidence: `Anatomic Region ${best.value} (${best.scheme})` };
}

function byBodyPart(bodyPart: string | null): RegionEvidence | null {
  if (bodyPart === null) return null;
  const term = BODY_PART_TERMS.find(([pattern]) => pattern.test(bodyPart));
  return term === undefined ? null : { region: term[1], evidence: `Body Part Examined ${bodyPart.slice(0, 16)}` };
}

function byWords(descriptions: readonly string[]): RegionEvidence | null {
  const text = descriptions.join(' | ').toLowerCase().replaceAll('_', ' ');
  if (CHEST_WORDS.test(text)) return named('chest', 'the chest');
  if (OTHER_WORDS.test(text)) return named('other', `"${OTHER_WORDS.exec(text)![0]}"`);
  if (SPINE_WORDS.test(text)) return named('spine', 'the spine');
  if (ABDOMEN_WORDS.test(text)) return named('abdomen', 'the abdomen');
  return null;
}

function named(region: BodyRegion, what: string): RegionEvidence {
  return { region, evidence: `a description naming ${what}` };
}
