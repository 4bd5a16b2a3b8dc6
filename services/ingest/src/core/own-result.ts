import type { Dataset } from '@pce/shared/dicom/dataset';

/** Manufacturer's Model Name of everything this software makes. */
const OWN_MODEL_NAMES = new Set(['PCE', 'PCE Detector']);

/**
 * Whether an instance was made by this software: its results come back from the PACS, and must never be analysed.
 * The equipment module says who made an instance; results name us in Contributing Equipment too.
 * Source: PS3.3 C.7.5.1, C.12.1.
 */
export function isOwnResult(dataset: Dataset): boolean {
  const names = [dataset, ...dataset.items('ContributingEquipmentSequence')].map((item) =>
    item.string('ManufacturerModelName'),
  );
  return names.some((name) => name !== undefined && OWN_MODEL_NAMES.has(name));
}
