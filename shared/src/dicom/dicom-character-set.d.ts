declare module 'dicom-character-set' {
  /** Decodes `bytes` by the backslash-joined terms of Specific Character Set. Throws on an unknown term. */
  export function convertBytes(specificCharacterSet: string, bytes: Uint8Array, options: { vr: string }): string;
}
