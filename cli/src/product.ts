import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { DeviceIdentity } from '@pce/reporter/core/report-context';

/** Version of the command, from its package. */
export function productVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** LO and SH values hold at most this many characters. Source: PS3.5 section 6.2. */
const MAX_TEXT = 64;

/** This installation, as reports name it. */
export function thisDevice(): DeviceIdentity {
  return {
    name: hostname().slice(0, MAX_TEXT) || 'pce',
    manufacturer: 'PCE project',
    modelName: 'PCE',
    serialNumber: productVersion(),
  };
}
