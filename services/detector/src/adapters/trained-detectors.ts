import type { Detectors } from '../core/analyse-part.js';
import { detectCt } from '../core/detect-ct.js';
import { detectWithNetworks } from '../core/detect-radiograph-networks.js';
import { loadFilmNetworks } from './tfjs-networks.js';

let loading: Promise<Detectors> | null = null;

/** The detectors with their trained weights, loaded once in each thread. */
export function trainedDetectors(): Promise<Detectors> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Detectors> {
  const { networks, modelDigest } = await loadFilmNetworks();
  return {
    ct: detectCt,
    radiograph: (film, options) => detectWithNetworks(film, options, networks),
    modelDigest,
  };
}
