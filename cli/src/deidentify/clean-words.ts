/**
 * Words that name a technique, a part of the body or what a report of ours says, and no person or place. [design]
 * A word that is not here is dropped: what is lost is meaning, never somebody's privacy.
 */
const TECHNICAL_WORDS = new Set(
  `a abdomen above absent acquisition added adjacent after air all along an and angio angiography anterior aorta ap apex
  aligned artery arteries arterial aspect at atelectasis atrium attenuation axial azygos barium base be beaded before below bilateral
  bone bones both branch branching bronchus by calcification calcified calibre candidate cannot catheter cava cement central centre
  central chest clip clipped colon compared compression computed confidence contrast control coronal cor cr ct cta curved decubitus
  delayed dense density detected detector diagnostic diaphragm diameter digital distal dose dual dx early edge effusion elongated
  embolism embolus emboli enhanced erect exam examination expiration exposure film filming films filter finding findings fine first
  follow followup for fov fracture frontal from full granuloma graph hard heart high hilar hilum hr hrct image images imaging impression in
  indeterminate inferior inside inspiration intensity inverted iodine irregular is isotropic iv kernel kyphoplasty landmark large
  largest late lateral leak leakage left length level limited line linear lobar lobe localizer low lower lumbar lung lungs main many
  mark marks mass material maximum mediastinum medium metal middle mip mm moderate motion mpr multiple native nearest no node nodule
  none normal not note numerous oblique of on one only or outside over overview pa paired paravertebral parenchyma part peak pedicle pelvis peripheral
  phase plain pleura pleural pmma portable position posterior post postero pre present probability projection prone proximal pulmonary
  punctate quality radiograph reason recommended reconstruction region report research resolution result rib ribs right round routine
  saturated scan scout screening screw seen segment segmental series several sharp shape sharply short shows side single site size
  slice slices small smooth soft software solitary spacing spine spinal spiral standard standing sternum straight structure study subsegmental
  superior supine suspected technique than the thick thickness thin third thoracic thoracolumbar thorax three through tissue to
  tomography topogram total tracking trachea trunk tubular two type uncertain undetermined unit upper upright use value vein veins vena
  ventricle vertebra vertebrae vertebral vertebroplasty vessel view visible volume wall was weak whole wide width window with within
  without xray zone zones`.split(/\s+/),
);
/** A measure: digits with their unit. A bare number could be anybody's. */
const MEASURE = /^\d{1,3}(\.\d{1,3})?(mm|cm|hu|kv|kvp|ma|mas|ms|%)$/;
/** A vertebra, such as T12 or L1. */
const VERTEBRA = /^(c[1-7]|t[1-9]|t1[0-2]|th[1-9]|th1[0-2]|l[1-5]|s1)$/;

/** What is left of a text when only technical words and measures stay. */
export function cleanWords(text: string): string {
  const words = text.split(/[^\p{L}\p{N}.%]+/u).map((word) => word.replace(/^\.+|\.+$/g, ''));
  return words.filter((word) => isTechnical(word.toLowerCase())).join(' ');
}

function isTechnical(word: string): boolean {
  return TECHNICAL_WORDS.has(word) || MEASURE.test(word) || VERTEBRA.test(word);
}
