/** The part of dcmjs this workspace uses: the data dictionary. */
declare module 'dcmjs' {
  export const data: {
    DicomMetaDictionary: {
      nameMap: Readonly<Record<string, { tag: string; vr: string; vm: string; name: string } | undefined>>;
    };
  };
}
