/** The part of dcmjs this workspace uses: the data dictionary and the Part 10 writer and reader. */
declare module 'dcmjs' {
  export interface DicomJsonElement {
    vr: string;
    Value?: unknown[];
  }
  export type DicomJsonDataset = Record<string, DicomJsonElement>;

  export const data: {
    DicomMetaDictionary: {
      /** By tag as in "(0008,0016)". */
      dictionary: Readonly<Record<string, { vr: string; name: string } | undefined>>;
      nameMap: Readonly<Record<string, { tag: string; vr: string; vm: string; name: string } | undefined>>;
    };
    DicomDict: new (
      meta: DicomJsonDataset,
    ) => {
      meta: DicomJsonDataset;
      dict: DicomJsonDataset;
      write(options?: { allowInvalidVRLength?: boolean }): ArrayBuffer;
    };
    DicomMessage: {
      readFile(buffer: ArrayBuffer): { meta: DicomJsonDataset; dict: DicomJsonDataset };
    };
  };
}
