import { type Static, type TObject, type TProperties, Type } from 'typebox';

/** An object that takes no other keys and may be left out when all it holds has defaults. */
function section<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false, default: {} });
}

const Port = Type.Integer({ minimum: 0, maximum: 65535 });
const AE_TITLE_PATTERN = '^[\\x20-\\x5b\\x5d-\\x7e]{1,16}$';
const AeTitle = Type.String({ pattern: AE_TITLE_PATTERN });
const Strings = (fallback: string[]) => Type.Array(Type.String(), { default: fallback });

const TlsSchema = Type.Object(
  {
    certificateFile: Type.String(),
    keyFile: Type.String(),
    /** Certificates that sign those of our peers. */
    caFile: Type.Optional(Type.String()),
    requireClientCertificate: Type.Boolean({ default: false }),
  },
  { additionalProperties: false },
);
/** Certificates of a server. */
export type ServerTls = Static<typeof TlsSchema>;

const SenderSchema = Type.Object(
  {
    calledAeTitle: AeTitle,
    callingAeTitles: Type.Array(Type.Union([AeTitle, Type.Literal('*')])),
    addresses: Strings(['*']),
    certificateFingerprints: Strings([]),
    maxAssociationsPerPeer: Type.Integer({ minimum: 1, default: 10 }),
  },
  { additionalProperties: false },
);

const DicomSchema = section({
  host: Type.String({ default: '0.0.0.0' }),
  port: Type.Integer({ minimum: 0, maximum: 65535, default: 11112 }),
  tls: Type.Optional(TlsSchema),
  /** Largest P-DATA-TF we take, bytes. */
  maxPduLength: Type.Integer({ minimum: 4096, maximum: 1_048_576, default: 262_144 }),
  maxAssociations: Type.Integer({ minimum: 1, maximum: 1000, default: 25 }),
  artimSeconds: Type.Number({ exclusiveMinimum: 0, default: 30 }),
  stallSeconds: Type.Number({ exclusiveMinimum: 0, default: 30 }),
  idleSeconds: Type.Number({ exclusiveMinimum: 0, default: 300 }),
  /** Nobody may send until somebody is listed. */
  senders: Type.Array(SenderSchema, { default: [] }),
  commitmentPeers: Type.Array(
    Type.Object({ aeTitle: AeTitle, host: Type.String(), port: Port }, { additionalProperties: false }),
    { default: [] },
  ),
});

export const ROLES = ['store', 'read', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const WebSchema = section({
  host: Type.String({ default: '127.0.0.1' }),
  port: Type.Integer({ minimum: 0, maximum: 65535, default: 8042 }),
  tls: Type.Optional(TlsSchema),
  /** SHA-256 of each key, hexadecimal: the key itself is in no file. */
  apiKeys: Type.Array(
    Type.Object(
      {
        name: Type.String(),
        sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        roles: Type.Array(Type.Enum([...ROLES])),
      },
      { additionalProperties: false },
    ),
    { default: [] },
  ),
  /** What callers without key or token may do when neither is set up. */
  anonymous: Type.Enum(['everything', 'nothing'], { default: 'everything' }),
  tokens: Type.Optional(
    Type.Object(
      {
        jwksUrl: Type.String({ pattern: '^https?://' }),
        issuer: Type.String(),
        audience: Type.String(),
        /** Claim that lists the roles. */
        rolesClaim: Type.String({ default: 'roles' }),
      },
      { additionalProperties: false },
    ),
  ),
  /** With TLS of our own: browsers are told to reach our name by TLS only, on every port. */
  strictTransport: Type.Boolean({ default: true }),
  maxInstanceBytes: Type.Integer({ minimum: 1024, default: 4_294_967_296 }),
  maxParts: Type.Integer({ minimum: 1, default: 20_000 }),
  requestsPerMinute: Type.Integer({ minimum: 1, default: 6000 }),
});

const WatchedFolderSchema = Type.Object(
  {
    path: Type.String(),
    /** A file must have kept its size this long before it is read. */
    settleSeconds: Type.Number({ minimum: 0, default: 2 }),
  },
  { additionalProperties: false },
);

/** A PACS to fetch from on demand: either `dimse` or `dicomweb`. */
const PullSourceSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[\\w.-]{1,64}$' }),
    dimse: Type.Optional(
      Type.Object(
        {
          host: Type.String(),
          port: Port,
          aeTitle: AeTitle,
          ownAeTitle: Type.String({ pattern: AE_TITLE_PATTERN, default: 'PCE' }),
          /** "get" brings instances on the same association, "move" to our own DICOM port, which the PACS must know. */
          method: Type.Enum(['get', 'move'], { default: 'get' }),
          tls: Type.Optional(
            Type.Object(
              {
                caFile: Type.Optional(Type.String()),
                certificateFile: Type.Optional(Type.String()),
                keyFile: Type.Optional(Type.String()),
              },
              { additionalProperties: false },
            ),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    dicomweb: Type.Optional(
      Type.Object(
        {
          url: Type.String({ pattern: '^https?://' }),
          /** Holds a bearer token. */
          tokenFile: Type.Optional(Type.String()),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

/** Everything that can be set for ingest. */
export const IngestConfigSchema = section({
  /** Everything we keep: instances and ledger. */
  dataFolder: Type.String({ default: 'data' }),
  watermarkBytes: Type.Integer({ minimum: 0, default: 2_147_483_648 }),
  dicom: DicomSchema,
  web: WebSchema,
  /** YAML of routing rules; the built-in ones when absent. */
  rulesFile: Type.Optional(Type.String()),
  readiness: section({
    /** Quiet period by modality, seconds; 0 analyses each image as it arrives. */
    quietSeconds: Type.Record(Type.String(), Type.Number({ minimum: 0 }), {
      default: { CR: 0, DX: 0, RF: 0, XA: 0, CT: 60 },
    }),
    otherwiseSeconds: Type.Number({ minimum: 0, default: 60 }),
  }),
  watchedFolder: Type.Optional(WatchedFolderSchema),
  pullSources: Type.Array(PullSourceSchema, { default: [] }),
  retention: section({
    /** Images are removed this long after their study's results are delivered; absent: never. */
    imageDays: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  }),
});
export type IngestConfig = Static<typeof IngestConfigSchema>;
