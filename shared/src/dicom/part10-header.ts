/** Identity of an instance, as its File Meta Information states it. */
export interface FileIdentity {
  sopClassUid: string;
  sopInstanceUid: string;
  transferSyntaxUid: string;
  /** Who wrote this header. */
  implementationClassUid: string;
}

const PREAMBLE_BYTES = 128;

/**
 * The bytes in front of a data set that make it a DICOM file: preamble, "DICM" and File Meta Information in Explicit
 * VR Little Endian. The same identity gives the same bytes: no time, version or sender is in it, so that an instance
 * received twice is the same file twice.
 *
 * Source: PS3.10 section 7.1.
 */
export function part10Header(identity: FileIdentity): Buffer {
  const elements = Buffer.concat([
    // FileMetaInformationVersion: OB has two reserved bytes and a 32 bit length.
    Buffer.from([0x02, 0x00, 0x01, 0x00, 0x4f, 0x42, 0, 0, 2, 0, 0, 0, 0x00, 0x01]),
    uidElement(0x0002, identity.sopClassUid),
    uidElement(0x0003, identity.sopInstanceUid),
    uidElement(0x0010, identity.transferSyntaxUid),
    uidElement(0x0012, identity.implementationClassUid),
  ]);
  const groupLength = Buffer.from([0x02, 0x00, 0x00, 0x00, 0x55, 0x4c, 4, 0, 0, 0, 0, 0]);
  groupLength.writeUInt32LE(elements.length, 8);
  return Buffer.concat([Buffer.alloc(PREAMBLE_BYTES), Buffer.from('DICM'), groupLength, elements]);
}

function uidElement(element: number, uid: string): Buffer {
  const value = Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`, 'latin1');
  const header = Buffer.from([0x02, 0x00, 0, 0, 0x55, 0x49, 0, 0]);
  header.writeUInt16LE(element, 2);
  header.writeUInt16LE(value.length, 6);
  return Buffer.concat([header, value]);
}
