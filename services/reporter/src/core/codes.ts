/** A coded concept. Two codes are the same when value and scheme agree; the meaning is for people. */
export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

const code = (value: string, scheme: string, meaning: string): Code => ({ value, scheme, meaning });

/** Designator of the codes no standard scheme has. Source: PS3.16 section 8: local schemes begin with 99. */
export const OWN_SCHEME = '99PCE';
export const OWN_SCHEME_NAME = 'Pulmonary cement embolism detector';

/** Concept names of content items. Source: PS3.16 TID 1500, 1204, 1002, 1004, 1600, 1501, 1410, 1419, 4019. */
export const CONCEPT = {
  imagingMeasurementReport: code('126000', 'DCM', 'Imaging Measurement Report'),
  language: code('121049', 'DCM', 'Language of Content Item and Descendants'),
  observerType: code('121005', 'DCM', 'Observer Type'),
  deviceObserverUid: code('121012', 'DCM', 'Device Observer UID'),
  deviceObserverName: code('121013', 'DCM', 'Device Observer Name'),
  deviceObserverManufacturer: code('121014', 'DCM', 'Device Observer Manufacturer'),
  deviceObserverModelName: code('121015', 'DCM', 'Device Observer Model Name'),
  deviceObserverSerialNumber: code('121016', 'DCM', 'Device Observer Serial Number'),
  procedureReported: code('121058', 'DCM', 'Procedure reported'),
  imageLibrary: code('111028', 'DCM', 'Image Library'),
  imageLibraryGroup: code('126200', 'DCM', 'Image Library Group'),
  modality: code('121139', 'DCM', 'Modality'),
  targetRegion: code('123014', 'DCM', 'Target Region'),
  frameOfReferenceUid: code('112227', 'DCM', 'Frame of Reference UID'),
  imagingMeasurements: code('126010', 'DCM', 'Imaging Measurements'),
  algorithmName: code('111001', 'DCM', 'Algorithm Name'),
  algorithmVersion: code('111003', 'DCM', 'Algorithm Version'),
  measurementGroup: code('125007', 'DCM', 'Measurement Group'),
  trackingIdentifier: code('112039', 'DCM', 'Tracking Identifier'),
  trackingUniqueIdentifier: code('112040', 'DCM', 'Tracking Unique Identifier'),
  finding: code('121071', 'DCM', 'Finding'),
  numberOfLesions: code('246206008', 'SCT', 'Number of lesions'),
  certaintyOfFinding: code('111012', 'DCM', 'Certainty of Finding'),
  sourceOfMeasurement: code('121112', 'DCM', 'Source of Measurement'),
  findingsSummary: code('111017', 'DCM', 'CAD Processing and Findings Summary'),
  imagingStudyQuality: code('130549', 'DCM', 'Imaging Study Quality'),
  geometricPurpose: code('130400', 'DCM', 'Geometric purpose of region'),
  imageRegion: code('111030', 'DCM', 'Image Region'),
  findingSite: code('363698007', 'SCT', 'Finding Site'),
  laterality: code('272741003', 'SCT', 'Laterality'),
  topographicalModifier: code('106233006', 'SCT', 'Topographical modifier'),
  length: code('410668003', 'SCT', 'Length'),
  diameter: code('81827009', 'SCT', 'Diameter'),
  volume: code('118565006', 'SCT', 'Volume'),
  attenuation: code('112031', 'DCM', 'Attenuation Coefficient'),
  derivation: code('121401', 'DCM', 'Derivation'),
  measurementMethod: code('370129005', 'SCT', 'Measurement Method'),
  causativeAgent: code('246075003', 'SCT', 'Causative agent'),
  shape: code('300842002', 'SCT', 'Shape'),
  comment: code('121106', 'DCM', 'Comment'),
  assessment: code('PCE-101', OWN_SCHEME, 'Assessment by algorithm'),
  arteryLevel: code('PCE-102', OWN_SCHEME, 'Pulmonary artery level'),
  suggestedUrgency: code('PCE-103', OWN_SCHEME, 'Suggested urgency'),
  contrastToNoise: code('PCE-104', OWN_SCHEME, 'Contrast to noise ratio'),
  numberOfIndeterminateFindings: code('PCE-105', OWN_SCHEME, 'Number of indeterminate findings'),
  changeSincePrior: code('PCE-107', OWN_SCHEME, 'Change since earlier exam'),
  studyInstanceUid: code('110180', 'DCM', 'Study Instance UID'),
  reportInstanceUid: code('PCE-108', OWN_SCHEME, 'SOP Instance UID of the DICOM report'),
  priorReport: code('122075', 'DCM', 'Prior report for current patient'),
  numberOfCandidates: code('PCE-106', OWN_SCHEME, 'Number of candidates below operating point'),
} as const satisfies Record<string, Code>;

/** What a finding is. RadLex has the embolism itself; cement leak and vertebral cement have no standard code. */
export const FINDING_CODE = {
  'pulmonary-cement-embolism': code('RID4832', 'RADLEX', 'methylmethacrylate embolism'),
  'venous-cement-leak': code('PCE-201', OWN_SCHEME, 'Venous leak of bone cement'),
  'vertebral-cement': code('PCE-202', OWN_SCHEME, 'Bone cement in vertebra'),
} as const satisfies Record<string, Code>;

/** Values that stand alone. */
export const VALUE = {
  english: code('en-US', 'RFC5646', 'English (United States)'),
  device: code('121007', 'DCM', 'Device'),
  ctProcedure: code('25045-6', 'LN', 'CT unspecified body region'),
  imagingProcedure: code('363679005', 'SCT', 'Imaging procedure'),
  chest: code('51185008', 'SCT', 'Chest'),
  embolismAnalysis: code('PCE-401', OWN_SCHEME, 'Automatic search for pulmonary cement embolism'),
  boneCement: code('6043006', 'SCT', 'Bone cement'),
  maximum: code('56851009', 'SCT', 'Maximum'),
  detectorPlane: code('PCE-301', OWN_SCHEME, 'Measured in the detector plane'),
} as const satisfies Record<string, Code>;

/** What a key object selection is about. Source: PS3.16 TID 2010, CID 7010. */
export const KEY_OBJECT_CODE = {
  title: code('113000', 'DCM', 'Of Interest'),
  description: code('113012', 'DCM', 'Key Object Description'),
} as const satisfies Record<string, Code>;

/** What a segmentation says of its segments and sources. Source: PS3.16 CID 7150, 7151, 7162, 7202, 7203. */
export const SEGMENTATION_CODE = {
  category: code('49755003', 'SCT', 'Morphologically Abnormal Structure'),
  embolus: code('55584005', 'SCT', 'Embolus'),
  algorithmFamily: code('123110', 'DCM', 'Artificial Intelligence'),
  derivation: code('113076', 'DCM', 'Segmentation'),
  sourceImage: code('121322', 'DCM', 'Source image for image processing operation'),
} as const satisfies Record<string, Code>;

/** Source: PS3.16 CID 240. */
export const PRESENCE_CODE = {
  present: code('52101004', 'SCT', 'Present'),
  absent: code('272519000', 'SCT', 'Absent'),
  undetermined: code('373068000', 'SCT', 'Undetermined'),
} as const satisfies Record<string, Code>;

/** Source: PS3.16 CID 6047. */
export const SUMMARY_CODE = {
  allWithoutFindings: code('111241', 'DCM', 'All algorithms succeeded; without findings'),
  allWithFindings: code('111242', 'DCM', 'All algorithms succeeded; with findings'),
  someWithoutFindings: code('111243', 'DCM', 'Not all algorithms succeeded; without findings'),
  someWithFindings: code('111244', 'DCM', 'Not all algorithms succeeded; with findings'),
  noneSucceeded: code('111245', 'DCM', 'No algorithms succeeded; without findings'),
} as const satisfies Record<string, Code>;

/** Source: PS3.16 CID 7036. */
export const QUALITY_CODE = {
  diagnostic: code('RID12', 'RADLEX', 'Diagnostic quality'),
  limited: code('RID13', 'RADLEX', 'Limited quality'),
  'non-diagnostic': code('RID14', 'RADLEX', 'Non-diagnostic quality'),
} as const satisfies Record<string, Code>;

/** Source: PS3.16 CID 7035 (ACR actionable findings); low is ours. */
export const URGENCY_CODE = {
  critical: code('RID49480', 'RADLEX', 'ACR Category 1 Actionable Finding'),
  high: code('RID49481', 'RADLEX', 'ACR Category 2 Actionable Finding'),
  medium: code('RID49482', 'RADLEX', 'ACR Category 3 Actionable Finding'),
  low: code('PCE-311', OWN_SCHEME, 'Low'),
} as const satisfies Record<string, Code>;

/** Acquisition modalities of images we read. Source: PS3.16 CID 29. */
export const MODALITY_CODE: Readonly<Record<string, Code>> = {
  CT: code('CT', 'DCM', 'Computed Tomography'),
  CR: code('CR', 'DCM', 'Computed Radiography'),
  DX: code('DX', 'DCM', 'Digital Radiography'),
  RF: code('RF', 'DCM', 'Radiofluoroscopy'),
  RG: code('RG', 'DCM', 'Radiographic imaging'),
  XA: code('XA', 'DCM', 'X-Ray Angiography'),
};
export const OTHER_MODALITY_CODE = code('OT', 'DCM', 'Other');

/** Source: PS3.16 CID 219, TID 1410 row "Geometric purpose of region". */
export const PURPOSE_CODE = {
  outline: code('111041', 'DCM', 'Outline'),
  centre: code('111010', 'DCM', 'Center'),
} as const satisfies Record<string, Code>;

export const SITE_CODE = {
  'pulmonary-artery': code('81040000', 'SCT', 'Pulmonary artery'),
  lung: code('39607008', 'SCT', 'Lung'),
  'right-heart': code('80891009', 'SCT', 'Heart'),
  'superior-vena-cava': code('48345005', 'SCT', 'Superior vena cava'),
  'inferior-vena-cava': code('64131007', 'SCT', 'Inferior vena cava'),
  'azygos-vein': code('72107004', 'SCT', 'Azygos vein'),
  'paravertebral-veins': code('PCE-321', OWN_SCHEME, 'Paravertebral veins'),
  vertebra: code('421060004', 'SCT', 'Spine'),
} as const satisfies Record<string, Code>;

/** Arteries that have a code of their own. Source: PS3.16 (SNOMED CT subset). */
export const ARTERY_CODE = {
  main: code('45341000', 'SCT', 'Main pulmonary artery'),
  right: code('78480002', 'SCT', 'Right pulmonary artery'),
  left: code('50408007', 'SCT', 'Left pulmonary artery'),
} as const satisfies Record<string, Code>;

export const ARTERY_LEVEL_CODE = {
  main: code('PCE-331', OWN_SCHEME, 'Main'),
  'right-or-left': code('PCE-332', OWN_SCHEME, 'Right or left'),
  lobar: code('PCE-333', OWN_SCHEME, 'Lobar'),
  'segmental-or-smaller': code('PCE-334', OWN_SCHEME, 'Segmental or smaller'),
} as const satisfies Record<string, Code>;

/** Source: PS3.16 CID 244. */
export const SIDE_CODE = {
  right: code('24028007', 'SCT', 'Right'),
  left: code('7771000', 'SCT', 'Left'),
} as const satisfies Record<string, Code>;

/** Source: PS3.16 CID 6170. */
export const LOBE_CODE = {
  'right-upper': code('45653009', 'SCT', 'Upper lobe of lung'),
  'right-middle': code('72481006', 'SCT', 'Middle lobe of right lung'),
  'right-lower': code('90572001', 'SCT', 'Lower lobe of lung'),
  'left-upper': code('45653009', 'SCT', 'Upper lobe of lung'),
  'left-lower': code('90572001', 'SCT', 'Lower lobe of lung'),
} as const satisfies Record<string, Code>;

/** Source: PS3.16 CID 6171. */
export const ZONE_CODE = {
  upper: code('281392002', 'SCT', 'Upper zone of lung'),
  middle: code('281393007', 'SCT', 'Middle zone of lung'),
  lower: code('281394001', 'SCT', 'Lower zone of lung'),
} as const satisfies Record<string, Code>;

export const SHAPE_CODE = {
  tubular: code('RID6124', 'RADLEX', 'tubular'),
  branching: code('PCE-341', OWN_SCHEME, 'Branching'),
  beaded: code('RID5813', 'RADLEX', 'beaded'),
  punctate: code('RID5900', 'RADLEX', 'punctate'),
  linear: code('112150', 'DCM', 'Linear'),
  irregular: code('PCE-342', OWN_SCHEME, 'Irregular'),
} as const satisfies Record<string, Code>;

export const ASSESSMENT_CODE = {
  suspected: code('PCE-351', OWN_SCHEME, 'Suspected'),
  indeterminate: code('PCE-352', OWN_SCHEME, 'Indeterminate'),
  candidate: code('PCE-353', OWN_SCHEME, 'Candidate below operating point'),
} as const satisfies Record<string, Code>;

/** What became of an embolus since the exam it was compared with. */
export const CHANGE_CODE = {
  new: code('PCE-361', OWN_SCHEME, 'New'),
  stable: code('PCE-362', OWN_SCHEME, 'Stable'),
  migrated: code('PCE-363', OWN_SCHEME, 'Migrated'),
  'no-longer-seen': code('PCE-364', OWN_SCHEME, 'No longer seen'),
} as const satisfies Record<string, Code>;

/** Units of measurement. Source: UCUM, PS3.16 CID 7181, 7460, 7461. */
export const UNIT = {
  noUnits: code('1', 'UCUM', 'no units'),
  percent: code('%', 'UCUM', 'Percent'),
  millimetre: code('mm', 'UCUM', 'mm'),
  cubicMillimetre: code('mm3', 'UCUM', 'mm3'),
  hounsfield: code("[hnsf'U]", 'UCUM', 'Hounsfield unit'),
} as const satisfies Record<string, Code>;

/** Why a number is not exact. Source: PS3.16 CID 42. */
export const NUMBER_QUALIFIER = {
  outOfRange: code('114009', 'DCM', 'Value out of range'),
} as const satisfies Record<string, Code>;

const TABLES: readonly Readonly<Record<string, Code>>[] = [
  KEY_OBJECT_CODE,
  SEGMENTATION_CODE,
  CONCEPT,
  FINDING_CODE,
  VALUE,
  PRESENCE_CODE,
  SUMMARY_CODE,
  QUALITY_CODE,
  URGENCY_CODE,
  MODALITY_CODE,
  { other: OTHER_MODALITY_CODE },
  PURPOSE_CODE,
  SITE_CODE,
  ARTERY_CODE,
  ARTERY_LEVEL_CODE,
  SIDE_CODE,
  LOBE_CODE,
  ZONE_CODE,
  SHAPE_CODE,
  ASSESSMENT_CODE,
  CHANGE_CODE,
  UNIT,
  NUMBER_QUALIFIER,
];

const keyOf = ({ value, scheme, meaning }: Code): string => `${scheme}|${value}|${meaning}`;

const KNOWN: ReadonlySet<string> = new Set(TABLES.flatMap((table) => Object.values(table).map(keyOf)));

/** Whether a code, meaning included, is one of this file: anything else in a report is a misprint. */
export function isKnownCode(candidate: Code): boolean {
  return KNOWN.has(keyOf(candidate));
}

/** Whether two codes name the same concept: value and scheme decide, never the meaning. */
export function isSameCode(a: Code, b: Code): boolean {
  return a.value === b.value && a.scheme === b.scheme;
}
