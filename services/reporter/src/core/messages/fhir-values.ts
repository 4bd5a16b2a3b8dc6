import type { Code } from '../codes.js';
import { OWN_SCHEME } from '../codes.js';

/** A JSON value of a FHIR resource. */
export type FhirJson =
  | string
  | number
  | boolean
  | readonly FhirJson[]
  | { readonly [name: string]: FhirJson | undefined };
export interface FhirResource {
  readonly resourceType: string;
  readonly [name: string]: FhirJson | undefined;
}

/** Code systems by coding scheme designator. Source: PS3.16 table 8-1; 99PCE has no other name than its own. */
const SYSTEM: Readonly<Record<string, string>> = {
  SCT: 'http://snomed.info/sct',
  DCM: 'http://dicom.nema.org/resources/ontology/DCM',
  RADLEX: 'http://radlex.org',
  UCUM: 'http://unitsofmeasure.org',
  LN: 'http://loinc.org',
  [OWN_SCHEME]: 'urn:pce:codes',
};

const DICOM_UID_SYSTEM = 'urn:dicom:uid';

/** A code as a CodeableConcept. */
export function concept({ value, scheme, meaning }: Code): FhirJson {
  return { coding: [{ system: SYSTEM[scheme] ?? scheme, code: value, display: meaning }] };
}

export const coding = ({ value, scheme, meaning }: Code): FhirJson => ({
  system: SYSTEM[scheme] ?? scheme,
  code: value,
  display: meaning,
});

/** A number with a UCUM unit. */
export function quantity(value: number, { value: unitCode, meaning }: Code): FhirJson {
  return { value, unit: meaning, system: SYSTEM.UCUM!, code: unitCode };
}

/** A DICOM UID as an identifier. */
export const uidIdentifier = (uid: string): FhirJson => ({ system: DICOM_UID_SYSTEM, value: `urn:oid:${uid}` });

/** A UUID of a `2.25.` UID: the same 128 bits. Source: PS3.5 section B.2. */
export function uuidOf(uid: string): string {
  const hex = BigInt(uid.slice('2.25.'.length)).toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
