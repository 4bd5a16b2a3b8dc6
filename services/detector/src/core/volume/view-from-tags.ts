import type { InstanceHeader } from './instance-header.js';
import type { RadiographView } from './radiograph.js';

/** SNOMED CT and SRT codes of the views we tell apart. Source: PS3.16 CID 4010. */
const VIEW_CODES: Readonly<Record<string, RadiographView>> = {
  '272479007': 'PA',
  'R-40888': 'PA',
  'R-10214': 'PA',
  '399348003': 'AP',
  'R-10206': 'AP',
  '399067008': 'lateral',
  'R-102CD': 'lateral',
  '399198007': 'lateral',
  'R-10232': 'lateral',
  '399173006': 'lateral',
  'R-10236': 'lateral',
  '399352003': 'lateral',
  'R-10228': 'lateral',
  '399260004': 'lateral',
  'R-10224': 'lateral',
};

/** View Position; LL and RL are the sides next to the detector. Source: PS3.3 C.8.1.1.1 and C.8.11.5.1. */
const VIEW_POSITIONS: Readonly<Record<string, RadiographView>> = {
  PA: 'PA',
  AP: 'AP',
  LL: 'lateral',
  RL: 'lateral',
  LAT: 'lateral',
  LATERAL: 'lateral',
  LLAT: 'lateral',
  RLAT: 'lateral',
  // Decubitus views are frontal: the patient lies on the side named, the beam goes front to back.
  LLD: 'AP',
  RLD: 'AP',
};

/** The view by code, View Position, Patient Orientation or words of the description; null when all are silent. */
export function viewFromTags(header: InstanceHeader): RadiographView | null {
  const code = header.views.find(({ value }) => value in VIEW_CODES);
  if (code) return VIEW_CODES[code.value]!;
  const position = header.viewPosition;
  if (position !== null && position in VIEW_POSITIONS) return VIEW_POSITIONS[position]!;
  const row = header.patientOrientation[0]?.[0];
  // Rows that run between front and back are seen from the side. Source: PS3.3 C.7.6.1.1.1.
  if (row === 'A' || row === 'P') return 'lateral';
  return viewFromWords(header.descriptions);
}

/** Whether Patient Orientation says that columns run between left and right: seen from the front or the back. */
export function isFrontalByOrientation(header: InstanceHeader): boolean {
  const row = header.patientOrientation[0]?.[0];
  return row === 'L' || row === 'R';
}

function viewFromWords(descriptions: readonly string[]): RadiographView | null {
  const text = descriptions.join(' | ').toLowerCase().replaceAll('_', ' ');
  const isLateral = /\b(lat|lateral|seitlich|seitl|profil|perfil|lat[eé]rale)\b/.test(text);
  const isPa = /\b(pa|p\.a\.|p-a)\b/.test(text);
  const isAp = /\b(ap|a\.p\.|a-p|bedside|portable)\b/.test(text);
  // A study description such as "chest PA and lateral" names several views and so none.
  if (Number(isLateral) + Number(isPa) + Number(isAp) !== 1) return null;
  if (isLateral) return 'lateral';
  return isPa ? 'PA' : 'AP';
}
