import type { StudyResult } from '@pce/shared/contracts/study-result';
import { cleanLine, cutText } from './clean-text.js';
import type { Attributes } from './dicom-writer.js';
import { codedItem } from './encode-content.js';
import type { ReportContext } from './report-context.js';
import { algorithmDeviceUid, deviceObserverUid } from './result-uid.js';
import type { DeviceObserver } from './templates.js';

/** Purpose of the algorithm's entry in Contributing Equipment: the profile's code is a placeholder to this day. Source: IHE AIR. */
const PROCESSING_ALGORITHM = { value: 'Newcode1', scheme: '99IHE', meaning: 'Processing Algorithm' } as const;

/** A text as an LO value that must not be empty. */
const line = (text: string): string => cutText(cleanLine(text), 64) || 'unknown';

/** The machine that reports: each text is an LO value and must be there. Source: PS3.3 C.7.5.2, type 1. */
export function observerOf({ device }: ReportContext): DeviceObserver {
  const { manufacturer, modelName, serialNumber } = device;
  return {
    uid: device.observerUid ?? deviceObserverUid(manufacturer, modelName, serialNumber),
    name: line(device.name),
    manufacturer: line(manufacturer),
    modelName: line(modelName),
    serialNumber: line(serialNumber),
  };
}

/**
 * The equipment an object is made by, and the algorithm whose result it holds: the same in every object of a result.
 *
 * Source: PS3.3 C.7.5.1, C.7.5.2 (Enhanced General Equipment), C.12.1 (Contributing Equipment)
 */
export function equipmentModules(result: StudyResult, observer: DeviceObserver): Attributes {
  const { name, version } = result.algorithm;
  const softwareVersion = line(version);
  return {
    Manufacturer: observer.manufacturer,
    ManufacturerModelName: observer.modelName,
    DeviceSerialNumber: observer.serialNumber,
    SoftwareVersions: softwareVersion,
    ContributingEquipmentSequence: [
      {
        PurposeOfReferenceCodeSequence: [codedItem(PROCESSING_ALGORITHM)],
        Manufacturer: observer.manufacturer,
        ManufacturerModelName: line(name),
        SoftwareVersions: softwareVersion,
        DeviceUID: algorithmDeviceUid(result),
      },
    ],
  };
}
