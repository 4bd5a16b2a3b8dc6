/**
 * How many inputs of a kind there are for each other's: the longer one takes, the fewer. With a thousand times as many,
 * four million in all, every kind has its ten thousands, and a free processor needs half an hour. [design]
 */
const SHARES = {
  header: 350,
  'decode no decoder': 10,
  'decode deflated-frame': 200,
  'decode jpeg-ls': 200,
  'decode jpeg': 200,
  'decode jpeg-lossless': 200,
  'study of slices': 25,
  'study with one fault': 25,
  'study of frames': 30,
  'study of films': 20,
  report: 20,
  'PDU stream': 450,
  'control PDU': 400,
  'command set': 400,
  association: 30,
  'STOW body': 60,
  'HL7 acknowledgement': 350,
  'YAML configuration': 60,
  'YAML rules': 80,
  'zip archive': 25,
};
/** Of what is not above: decoders of little work. */
const USUAL_SHARE = 250;

/** How many inputs of a kind, for each other's. */
export const shareOf = (kind) => SHARES[kind] ?? USUAL_SHARE;
