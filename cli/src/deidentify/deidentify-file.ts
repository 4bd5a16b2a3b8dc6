import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { isVr, readFileMeta } from '@pce/shared/dicom/file-meta';
import { type DicomFile, readPart10 } from '@pce/shared/dicom/part10';
import { part10Header } from '@pce/shared/dicom/part10-header';
import { DicomReadError } from '@pce/shared/dicom/read-error';
import { describeAttribute, type Keyword } from '@pce/shared/dicom/tag';
import { EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN } from '@pce/shared/dicom/transfer-syntax';
import { isUid } from '@pce/shared/dicom/uid';
import { burnedInRefusal, type Refusal } from './burned-in.js';
import { cleanElements } from './clean-dataset.js';
import {
  type DicomElement,
  type DicomElements,
  type ElementEncoding,
  readElements,
  writeElements,
} from './element-tree.js';
import { IdentifyingValues } from './identifying-values.js';
import { methodElements } from './method-elements.js';
import type { ProfileOptions } from './profile.js';
import type { Pseudonyms } from './pseudonyms.js';

export interface DeidentifyOptions extends ProfileOptions {
  readonly allowBurnedIn: boolean;
}

/** A file as it may be shared, or why there is none. */
export type DeidentifiedFile =
  | {
      readonly kind: 'done';
      readonly bytes: Buffer;
      readonly studyInstanceUid: string;
      readonly seriesInstanceUid: string;
      readonly sopInstanceUid: string;
      /** Kept in spite of pixels that may show text. */
      readonly burnedIn: Refusal | null;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** As UUID-derived UIDs are made; stays the same over versions. */
const IMPLEMENTATION_CLASS_UID = '2.25.185339610808590102609944324390483884644';
/** Largest deflated data set we inflate, bytes. [design] */
const MAX_INFLATED_BYTES = 512 * 1024 * 1024;
const PIXEL_TAGS = new Set([0x7fe00008, 0x7fe00009, 0x7fe00010]);

/**
 * Removes from a DICOM file what tells who the patient is, after the Basic Application Level Confidentiality Profile.
 * The transfer syntax stays and pixel data is copied byte for byte; preamble and File Meta Information are new.
 *
 * @param mapped told of each UID replaced
 * @throws DicomReadError for what is not a readable DICOM file
 * Source: PS3.15 annex E
 */
export function deidentifyFile(
  bytes: Uint8Array,
  pseudonyms: Pseudonyms,
  options: DeidentifyOptions,
  mapped: (original: string, replacement: string) => void,
): DeidentifiedFile {
  const file = readPart10(bytes);
  const burnedIn = burnedInRefusal(file.dataset, file.pixelData !== null);
  if (burnedIn !== null && (!options.allowBurnedIn || burnedIn.code === 'encapsulated-document')) {
    return { kind: 'refused', refusal: burnedIn };
  }
  const { elements, encoding, transferSyntaxUid } = readBody(bytes, file);
  if (hasOverlayInPixels(elements)) {
    const message = 'an overlay in unused bits of the pixels cannot be removed without changing them';
    return { kind: 'refused', refusal: { code: 'overlay-in-pixels', message } };
  }
  const identity = new IdentifyingValues(elements);
  if (
    elements.some(({ tag, value }) => PIXEL_TAGS.has(tag) && value instanceof Uint8Array && identity.isInPixels(value))
  ) {
    const message = 'the pixel data spells out a name or identifier, as comments of compressed images do';
    return { kind: 'refused', refusal: { code: 'identity-in-pixels', message } };
  }
  const patient = patientOf(file);
  const cleaned = cleanElements(elements, {
    options,
    pseudonyms,
    patientPseudonym: pseudonyms.name('patient', patient),
    dayShift: pseudonyms.dayShift(patient),
    identity,
    mapped,
  });
  const written = [...cleaned, ...methodElements(file.dataset, options)];
  return {
    ...identityOf(file, options, pseudonyms),
    ...fileOf(written, encoding, transferSyntaxUid, file, options, pseudonyms),
    burnedIn,
  };
}

/** Who the file is about; a file without a Patient ID stands for its study alone. */
function patientOf({ dataset }: DicomFile): string {
  const id = dataset.string('PatientID');
  return id === undefined
    ? `study ${dataset.string('StudyInstanceUID')}`
    : `${dataset.string('IssuerOfPatientID') ?? ''}\\${id}`;
}

function readBody(bytes: Uint8Array, { transferSyntax, transferSyntaxUid }: DicomFile) {
  const { dataStart } = readFileMeta(bytes);
  const body = transferSyntax.deflated
    ? inflateRawSync(bytes.subarray(dataStart), { maxOutputLength: MAX_INFLATED_BYTES })
    : bytes;
  const start = transferSyntax.deflated ? 0 : dataStart;
  const explicitVr = isVr(body, start + 4);
  const encoding: ElementEncoding = { explicitVr, littleEndian: transferSyntax.littleEndian };
  // A file that is not what it says is written as what it is.
  const isAsStated = explicitVr === transferSyntax.explicitVr;
  const actual = explicitVr ? EXPLICIT_VR_LITTLE_ENDIAN : IMPLICIT_VR_LITTLE_ENDIAN;
  return {
    elements: readElements(body, start, encoding),
    encoding,
    transferSyntaxUid: isAsStated ? transferSyntaxUid : actual,
  };
}

/** Overlays of old were kept in the bits of the pixels that the image leaves free. Source: PS3.3 C.9.2 (retired). */
function hasOverlayInPixels(elements: DicomElements): boolean {
  return elements.some(({ tag, value }) => {
    const isBitsAllocated = Math.floor(tag / 0x1000000) === 0x60 && tag % 0x10000 === 0x0100;
    return isBitsAllocated && value instanceof Uint8Array && value.some((byte) => byte > 1);
  });
}

/** @throws DicomReadError when it is not one: what else stands there could be anything */
function uidIn({ dataset }: DicomFile, keyword: Keyword): string {
  const uid = dataset.string(keyword) ?? '';
  if (!isUid(uid)) throw new DicomReadError('invalid-attribute', 'a UID', 'none', describeAttribute(keyword));
  return uid;
}

function identityOf(file: DicomFile, options: DeidentifyOptions, pseudonyms: Pseudonyms) {
  const replaced = (keyword: 'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPInstanceUID'): string => {
    const uid = uidIn(file, keyword);
    return options.retainUids ? uid : pseudonyms.uid(uid);
  };
  return {
    kind: 'done' as const,
    studyInstanceUid: replaced('StudyInstanceUID'),
    seriesInstanceUid: replaced('SeriesInstanceUID'),
    sopInstanceUid: replaced('SOPInstanceUID'),
  };
}

function fileOf(
  elements: readonly DicomElement[],
  encoding: ElementEncoding,
  transferSyntaxUid: string,
  file: DicomFile,
  options: DeidentifyOptions,
  pseudonyms: Pseudonyms,
): { bytes: Buffer } {
  const header = part10Header({
    sopClassUid: uidIn(file, 'SOPClassUID'),
    sopInstanceUid: identityOf(file, options, pseudonyms).sopInstanceUid,
    transferSyntaxUid,
    implementationClassUid: IMPLEMENTATION_CLASS_UID,
  });
  const body = writeElements(elements, encoding);
  if (!file.transferSyntax.deflated) return { bytes: Buffer.concat([header, body]) };
  const deflated = deflateRawSync(body, { level: constants.Z_BEST_COMPRESSION });
  // Source: PS3.5 section A.5: a pad byte makes the length even.
  return { bytes: Buffer.concat([header, deflated, Buffer.alloc(deflated.length % 2)]) };
}
