/**
 * The arrows of docs/architecture.md. Each forbidden arrow has a planted violation in
 * scripts/arch.test.ts: a rule that stops firing fails there.
 */
const IO_BUILTINS =
  '^(node:)?(fs|net|tls|http|https|http2|dgram|dns|child_process|cluster|worker_threads|readline|repl|sqlite)(/|$)';
const PURE_ROOMS = '^shared/src/(dicom|contracts|ports)/|^services/[^/]+/src/core/';
const SERVICE = '^services/([^/]+)/';
const DETECTOR = '^services/detector/src/core/';
const notTest = '\\.test\\.ts$';

/** In detector/core, a room may import itself and the rooms listed here. */
const DETECTOR_ROOMS = {
  imaging: [],
  volume: [],
  anatomy: ['imaging', 'volume'],
  candidates: ['anatomy', 'imaging', 'volume'],
  classify: ['candidates', 'anatomy', 'imaging', 'volume'],
};

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule(
      'no-cycles',
      'No module imports itself by a detour.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    rule(
      'pure-rooms-do-no-io',
      'core, dicom, contracts and ports take values and give values.',
      { path: PURE_ROOMS, pathNot: notTest },
      { path: IO_BUILTINS },
    ),
    rule(
      'pure-rooms-know-no-adapter',
      'Only an entry point puts an adapter into a port.',
      { path: PURE_ROOMS, pathNot: notTest },
      { path: '/src/adapters/' },
    ),
    rule(
      'services-meet-in-shared',
      'A service does not import another service.',
      { path: SERVICE },
      { path: SERVICE, pathNot: '^services/$1/' },
    ),
    rule(
      'shared-knows-no-service',
      'shared is below everything else.',
      { path: '^shared/src/', pathNot: notTest },
      { path: '^(services|cli|test-support|training)/' },
    ),
    rule(
      'nobody-imports-an-entry-point',
      'main.ts and the command line are where wiring ends.',
      {},
      { path: '/src/main\\.ts$|^cli/src/pce\\.ts$' },
    ),
    rule(
      'nobody-imports-the-cli',
      'The command line is an edge.',
      { pathNot: '^cli/|^bench/|^scripts/' },
      { path: '^cli/src/' },
    ),
    rule('product-imports-no-test', 'Tests are leaves.', { pathNot: notTest }, { path: notTest }),
    rule(
      'services-import-no-test-support',
      'Phantoms are for tests and for the simulate command.',
      { path: '^services/', pathNot: notTest },
      { path: '^test-support/' },
    ),
    ...Object.entries(DETECTOR_ROOMS).map(([room, allowed]) =>
      rule(
        `detector-${room}`,
        `detector/core/${room} imports ${allowed.length ? allowed.join(', ') : 'no other room'}.`,
        { path: `${DETECTOR}${room}/`, pathNot: notTest },
        {
          path: `${DETECTOR}(${Object.keys(DETECTOR_ROOMS).join('|')})/`,
          pathNot: `${DETECTOR}(${[room, ...allowed].join('|')})/`,
        },
      ),
    ),
    rule(
      'detector-imaging-is-numbers-only',
      'imaging knows no DICOM and no contract.',
      { path: `${DETECTOR}imaging/`, pathNot: notTest },
      { path: '^shared/src/|^services/detector/src/core/detect' },
    ),
    rule('no-missing-module', 'Every import resolves.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['source', 'import', 'node', 'default'] },
  },
};
