import { readPart10 } from '@pce/shared/dicom/part10';
import dicomParser from 'dicom-parser';

const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/**
 * Where the elements of a valid file lie: its seed for mutations. Those of the data set and of its items; of the pixel
 * data the header alone, and the place of its value.
 */
export function indexDicom(bytes) {
  const { transferSyntax, pixelData } = readPart10(bytes);
  const { explicitVr, littleEndian, deflated } = transferSyntax;
  const sites = [];
  if (!deflated) {
    const parsed = dicomParser.parseDicom(bytes, { untilTag: 'x7fe00010' });
    collect(parsed, explicitVr, sites);
  }
  sites.sort((a, b) => a.at - b.at);
  const pixelsAt = pixelData && !deflated ? pixelData.offset : null;
  return { bytes: Buffer.from(bytes), sites, pixelsAt, explicitVr, littleEndian };
}

function collect(dataSet, explicitVr, sites) {
  for (const element of Object.values(dataSet.elements)) {
    const isMeta = element.tag.startsWith('x0002');
    const isExplicit = explicitVr || isMeta;
    const isLong = isExplicit && LONG_VRS.has(element.vr);
    const headerBytes = isLong ? 12 : 8;
    const isPixels = element.tag === 'x7fe00010';
    sites.push({
      tag: element.tag,
      vr: element.vr,
      isMeta,
      isExplicit,
      at: element.dataOffset - headerBytes,
      lengthAt: element.dataOffset - (isExplicit && !isLong ? 2 : 4),
      lengthBytes: isExplicit && !isLong ? 2 : 4,
      valueAt: element.dataOffset,
      end: isPixels ? element.dataOffset : element.dataOffset + element.length,
    });
    for (const item of element.items ?? []) if (item.dataSet) collect(item.dataSet, explicitVr, sites);
  }
}
