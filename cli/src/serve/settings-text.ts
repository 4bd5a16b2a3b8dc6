import { join } from 'node:path';
import { deliveryWay } from '@pce/reporter/config';
import { SERVICES, type ServeConfig } from './serve-config.js';

/** The settings in force, for people; secrets left out. */
export function settingsText({ file, services, cluster }: ServeConfig): string {
  const { dicom, web } = file;
  const lines: [string, string][] = [];
  if (services.size < SERVICES.length) lines.push(['services', [...services].join(', ')]);
  if (services.has('ingest')) {
    const tls = dicom.tls ? ', TLS' : '';
    lines.push(['DICOM', `${dicom.host}:${dicom.port}${tls}, ${sendersText(file)}`]);
  }
  lines.push(['web', `${web.tls ? 'https' : 'http'}://${web.host}:${web.port}, DICOMweb for ${callersText(web)}`]);
  lines.push(['data', file.dataFolder]);
  if (services.has('reporter')) lines.push(['reports to', destinationsText(file)]);
  lines.push([
    'state',
    cluster ? `${withoutSecrets(cluster.databaseUrl)}, ${withoutSecrets(cluster.redisUrl)}` : 'embedded',
  ]);
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join('');
}

function sendersText({ dicom, aeTitle }: ServeConfig['file']): string {
  const titles = dicom.senders.map(({ calledAeTitle }) => calledAeTitle).join(', ');
  const isLocal = dicom.senders.every(({ addresses }) =>
    addresses.every((one) => /^(127\.|::1$|::ffff:127\.)/.test(one)),
  );
  return isLocal ? `AE title ${aeTitle}, senders on this machine only` : `AE titles ${titles}`;
}

function destinationsText({ destinations, dataFolder }: ServeConfig['file']): string {
  if (destinations.length === 0) return join(dataFolder, 'outbox');
  return destinations.map((destination) => `${destination.name} (${deliveryWay(destination)})`).join(', ');
}

function callersText({ apiKeys, tokens, anonymous }: ServeConfig['file']['web']): string {
  const kinds = [...(apiKeys.length > 0 ? [`${apiKeys.length} API keys`] : []), ...(tokens ? ['tokens'] : [])];
  if (kinds.length > 0) return kinds.join(' and ');
  return anonymous === 'everything' ? 'everyone on this machine' : 'nobody: add web.apiKeys or web.tokens';
}

/** A connection address without user name, password and query. */
function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return 'a server';
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}
