/** SOP classes and well-known instances of the services we take part in. Source: PS3.6 annex A. */
export const SOP_CLASS = {
  verification: '1.2.840.10008.1.1',
  storageCommitmentPushModel: '1.2.840.10008.1.20.1',
  patientRootFind: '1.2.840.10008.5.1.4.1.2.1.1',
  patientRootMove: '1.2.840.10008.5.1.4.1.2.1.2',
  patientRootGet: '1.2.840.10008.5.1.4.1.2.1.3',
  studyRootFind: '1.2.840.10008.5.1.4.1.2.2.1',
  studyRootMove: '1.2.840.10008.5.1.4.1.2.2.2',
  studyRootGet: '1.2.840.10008.5.1.4.1.2.2.3',
} as const;

/** Source: PS3.4 annex J.3.5. */
export const STORAGE_COMMITMENT_INSTANCE = '1.2.840.10008.1.20.1.1';

export const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

/** Storage SOP classes share this prefix, apart from a few retired or private ones. Source: PS3.6 annex A. */
const STORAGE_PREFIX = '1.2.840.10008.5.1.4.1.1.';

/** Whether a class is a standard storage class. */
export function isStorageSopClass(sopClassUid: string): boolean {
  return sopClassUid.startsWith(STORAGE_PREFIX);
}
