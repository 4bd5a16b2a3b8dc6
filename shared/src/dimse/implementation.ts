/** Names this DICOM implementation to its peers. Source of the form: PS3.7 annex D.3.3.2. */
export const IMPLEMENTATION_CLASS_UID = '2.25.185339610808590102609944324390483884644';
/** At most 16 characters. */
export const IMPLEMENTATION_VERSION_NAME = 'PCE_0_1';
