import { readCheckedYaml, type YamlOverride } from '@pce/shared/config/checked-yaml';
import { type IngestConfig, IngestConfigSchema } from './config-schema.js';

export type ConfigOutcome = { kind: 'valid'; config: IngestConfig } | { kind: 'invalid'; problems: string[] };

/** Settings that the environment can override, such as in a container. */
const ENVIRONMENT: Record<string, { path: string[]; type: 'text' | 'number' }> = {
  PCE_DATA_FOLDER: { path: ['dataFolder'], type: 'text' },
  PCE_WATERMARK_BYTES: { path: ['watermarkBytes'], type: 'number' },
  PCE_DICOM_HOST: { path: ['dicom', 'host'], type: 'text' },
  PCE_DICOM_PORT: { path: ['dicom', 'port'], type: 'number' },
  PCE_WEB_HOST: { path: ['web', 'host'], type: 'text' },
  PCE_WEB_PORT: { path: ['web', 'port'], type: 'number' },
  PCE_RULES_FILE: { path: ['rulesFile'], type: 'text' },
};

/** Reads the configuration from the environment and one YAML file, with every problem at once. Pure. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>, yamlText: string): ConfigOutcome {
  const overrides: YamlOverride[] = [];
  for (const [name, { path, type }] of Object.entries(ENVIRONMENT)) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    const value = type === 'number' && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    overrides.push({ path, value, origin: name });
  }
  const checked = readCheckedYaml(IngestConfigSchema, yamlText, overrides);
  if (checked.kind === 'invalid') return checked;
  const problems = ingestContradictions(checked.value);
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'valid', config: checked.value };
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** What each setting allows by itself, but not together. */
export function ingestContradictions(config: IngestConfig): string[] {
  const problems: string[] = [];
  const titles = config.dicom.senders.map((sender) => sender.calledAeTitle);
  for (const title of new Set(titles.filter((candidate, index) => titles.indexOf(candidate) !== index))) {
    problems.push(`dicom.senders: calledAeTitle ${title} is listed twice`);
  }
  const { tls } = config.dicom;
  if (tls?.requireClientCertificate && !tls.caFile) {
    problems.push('dicom.tls.requireClientCertificate: needs dicom.tls.caFile to check certificates with');
  }
  for (const sender of config.dicom.senders) {
    if (sender.certificateFingerprints.length > 0 && !tls?.requireClientCertificate) {
      problems.push(
        `dicom.senders: ${sender.calledAeTitle} lists certificateFingerprints, which needs dicom.tls.requireClientCertificate`,
      );
    }
  }
  for (const { name, dimse, dicomweb } of config.pullSources) {
    if ((dimse === undefined) === (dicomweb === undefined)) {
      problems.push(`pullSources: ${name} needs either dimse or dicomweb`);
    }
  }
  const { host, apiKeys, tokens, anonymous } = config.web;
  if (!LOOPBACK.has(host) && apiKeys.length === 0 && !tokens && anonymous === 'everything') {
    problems.push(
      `web.host: ${host} is reachable from elsewhere, which needs web.apiKeys, web.tokens or web.anonymous: nothing`,
    );
  }
  return problems;
}
