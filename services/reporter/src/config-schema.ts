import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { REPORT_OBJECT_KINDS } from './core/report-object.js';

/** An object that takes no other keys and may be left out when all it holds has defaults. */
function section<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false, default: {} });
}

/** One way to deliver: an object that takes no other keys, and may be absent. */
const way = <Properties extends TProperties>(properties: Properties) =>
  Type.Optional(Type.Object(properties, { additionalProperties: false }));

const positive = (fallback: number) => Type.Number({ exclusiveMinimum: 0, default: fallback });

const Port = Type.Integer({ minimum: 1, maximum: 65535 });
const AeTitle = Type.String({ pattern: '^[\\x20-\\x5b\\x5d-\\x7e]{1,16}$' });
const Url = Type.String({ pattern: '^https?://[^\\s?#]+$' });
const TimeOfDay = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' });

/** How we trust the receiver, and show who we are. Present: TLS is used. */
const ClientTlsSchema = Type.Object(
  {
    /** Certificates that sign the receiver's; those the system trusts when absent. */
    caFile: Type.Optional(Type.String()),
    certificateFile: Type.Optional(Type.String()),
    keyFile: Type.Optional(Type.String()),
    /** Name in the receiver's certificate, where it is not the host. */
    serverName: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type ClientTls = Static<typeof ClientTlsSchema>;

/** Secrets are in files of their own, never here. */
const HTTP = {
  url: Url,
  /** File with a bearer token; read at every attempt, so that it may be renewed. */
  tokenFile: Type.Optional(Type.String()),
  /** Basic authentication; the password is in a file. */
  user: Type.Optional(Type.String()),
  passwordFile: Type.Optional(Type.String()),
  tls: Type.Optional(ClientTlsSchema),
};

const CStoreSchema = way({
  host: Type.String(),
  port: Port,
  aeTitle: AeTitle,
  /** Our own AE title towards this receiver; that of the service when absent. */
  callingAeTitle: Type.Optional(AeTitle),
  tls: Type.Optional(ClientTlsSchema),
  /** `any` proposes both, and the receiver chooses. */
  transferSyntax: Type.Enum(['any', 'explicit', 'implicit'], { default: 'any' }),
  /** Sends Comprehensive SR to a receiver that refuses Comprehensive 3D SR. */
  fallback: Type.Boolean({ default: true }),
  /** Counts as delivered only once the receiver has committed to keep it. */
  commitment: Type.Boolean({ default: false }),
  /** How long the receiver may take to commit before it is asked again. */
  commitmentSeconds: positive(600),
  commitmentRequests: Type.Integer({ minimum: 1, default: 5 }),
});

const Hl7Schema = way({
  /** The result; or, where it asks for that, a request to read the exam sooner. */
  message: Type.Enum(['result', 'priority'], { default: 'result' }),
  host: Type.String(),
  port: Port,
  tls: Type.Optional(ClientTlsSchema),
  sendingApplication: Type.String({ default: 'PCE' }),
  sendingFacility: Type.String({ default: '' }),
  receivingApplication: Type.String({ default: '' }),
  receivingFacility: Type.String({ default: '' }),
  /** Production, training or debugging. */
  processingId: Type.Enum(['P', 'T', 'D'], { default: 'P' }),
  /** Fields of OBR that carry the accession number. */
  accessionFields: Type.Array(Type.Enum(['3', '18', '19', '20']), { default: ['18'] }),
});

const WAYS = {
  cStore: CStoreSchema,
  stow: way({
    ...HTTP,
    /** Sends Comprehensive SR where Comprehensive 3D SR is refused. */ fallback: Type.Boolean({ default: true }),
  }),
  folder: way({ path: Type.String() }),
  hl7: Hl7Schema,
  webhook: way({
    ...HTTP,
    /** File with the key that signs: HMAC-SHA256. */
    secretFile: Type.String(),
  }),
  fhir: way({
    ...HTTP,
    /** System of patient identifiers, such as "urn:oid:1.2.3". */
    patientIdSystem: Type.Optional(Type.String()),
    accessionSystem: Type.Optional(Type.String()),
  }),
};

/** An archive that may have earlier reports of a patient. */
const PriorSourceSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    /** QIDO-RS and WADO-RS. */
    dicomweb: way(HTTP),
    /** C-FIND and C-GET. */
    dimse: way({
      host: Type.String(),
      port: Port,
      aeTitle: AeTitle,
      /** Our own AE title towards this archive; that of the service when absent. */
      callingAeTitle: Type.Optional(AeTitle),
      tls: Type.Optional(ClientTlsSchema),
    }),
    /** For the whole search: a report waits so long for an archive that does not answer. */
    timeoutSeconds: positive(10),
  },
  { additionalProperties: false },
);
export type PriorSourceConfig = Static<typeof PriorSourceSchema>;

const DestinationSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$' }),
    /** What is sent; messages carry none of it, but may name it. */
    objects: Type.Array(Type.Enum([...REPORT_OBJECT_KINDS]), { minItems: 1, default: ['sr', 'gsps'] }),
    /** Words around "{content}" in the series descriptions of these objects; a destination's own gets own objects. */
    seriesDescription: Type.Optional(Type.String()),
    /** Which results are sent. */
    only: Type.Enum(['all', 'positives-and-indeterminates', 'positives'], { default: 'all' }),
    /** Gets the results for which no rule names a destination. */
    isDefault: Type.Boolean({ default: true }),
    ...WAYS,
    retry: section({
      firstDelaySeconds: positive(5),
      longestDelaySeconds: positive(600),
      /** Attempts a receiver that answers may refuse for now before we give up. */
      maxAttempts: Type.Integer({ minimum: 1, default: 10 }),
      /** A receiver that does not answer is tried for this long. */
      giveUpAfterHours: positive(72),
    }),
    breaker: section({
      /** Failures in a row that open the circuit breaker. */
      failures: Type.Integer({ minimum: 1, default: 5 }),
      pauseSeconds: positive(120),
    }),
    /** Local time of day in which deliveries may start; may span midnight. */
    window: Type.Optional(Type.Object({ from: TimeOfDay, to: TimeOfDay }, { additionalProperties: false })),
    /** For each answer of the receiver. */
    timeoutSeconds: positive(60),
  },
  { additionalProperties: false },
);
export type DestinationConfig = Static<typeof DestinationSchema>;

/** Ways to deliver, by the key of their settings. */
export type DeliveryWay = keyof typeof WAYS;
export const DELIVERY_WAYS = Object.keys(WAYS) as DeliveryWay[];

/** Everything that can be set for the reporter. */
export const ReporterConfigSchema = section({
  /** The machine our reports name as their observer. */
  device: section({
    name: Type.String({ default: 'pce', maxLength: 64 }),
    manufacturer: Type.String({ default: 'PCE project', maxLength: 64 }),
    serialNumber: Type.String({ default: '0001', maxLength: 64 }),
  }),
  /** Where results go; with none, into the folder "outbox" beside our data. */
  destinations: Type.Array(DestinationSchema, { default: [] }),
  /** Archives asked for earlier reports of the patient; with none, only what was reported here is compared with. */
  priorSources: Type.Array(PriorSourceSchema, { default: [] }),
  /** A DICOM server of our own for receivers that report storage commitments on a new association. */
  commitmentListener: way({ host: Type.String({ default: '0.0.0.0' }), port: Port }),
});
export type ReporterConfig = Static<typeof ReporterConfigSchema>;
