/** Ranks: a module may import only modules on earlier lines (and its own). Modules on one line are strangers. */
const ranks = [
  ['audit'],
  ['auth'],
  ['webhooks'],
  ['directory'],
  ['tickets'],
  ['threads'],
  ['prescriptions'],
  ['validation', 'enrollment', 'routing', 'adjudication', 'payments', 'shipping'],
  ['cancellation'],
  ['intake', 'orders', 'ops'],
  ['desk', 'notifications', 'webhook-endpoints'],
];

const upward = ranks.flatMap((rank, index) =>
  rank.map((module) => {
    const allowed = [module, ...ranks.slice(0, index).flat()];
    return {
      name: `rank-of-${module}`,
      severity: 'error',
      comment: `${module} may import ${allowed.slice(1).join(', ') || 'platform only'}; see ARCHITECTURE.md, Ranks`,
      from: { path: `^src/modules/${module}/` },
      to: { path: '^src/modules/', pathNot: `^src/modules/(${allowed.join('|')})/` },
    };
  }),
);

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'front-door',
      severity: 'error',
      comment:
        'other modules only through their index.ts, or the index.ts of a part that stands by itself (identifiers, quantity-units, order)',
      from: { path: '^src/modules/([^/]+)/' },
      to: {
        path: '^src/modules/([^/]+)/',
        pathNot: ['^src/modules/$1/', '^src/modules/[^/]+/index\\.ts$', '^src/modules/[^/]+/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'platform-knows-no-business',
      severity: 'error',
      comment: 'machinery does not import modules',
      from: { path: '^src/platform/' },
      to: { path: '^src/(modules|sandbox|demo)/' },
    },
    {
      name: 'config-imports-nothing',
      severity: 'error',
      comment: 'settings are pure',
      from: { path: '^config/' },
      to: { path: '^(src|migrations)/' },
    },
    {
      name: 'nobody-imports-the-sandbox',
      severity: 'error',
      comment: 'vendor simulators never run inside the product',
      from: { path: '^(src|config|migrations)/', pathNot: '^src/(sandbox|demo)/|^src/commands/dev\\.ts$' },
      to: { path: '^src/(sandbox|demo)/' },
    },
    {
      name: 'sandbox-knows-no-product',
      severity: 'error',
      comment: 'a simulator that shares our code would share our mistakes',
      from: { path: '^src/sandbox/' },
      to: { path: '^src/(modules|platform)/' },
    },
    {
      name: 'queue-only-in-platform',
      severity: 'error',
      comment: 'bullmq behind platform/jobs; the board reads it through platform/jobs too',
      from: { path: '^src/', pathNot: '^src/platform/(jobs|outbox)/' },
      to: { path: 'node_modules/(bullmq|ioredis)/' },
    },
    {
      name: 'vendors-only-in-gateways',
      severity: 'error',
      comment: 'vendor SDKs live in gateways/; file storage and Twilio signatures have their own place',
      from: { path: '^src/', pathNot: '(^src/sandbox/|/gateways/|^src/platform/storage/|/verification/)' },
      to: { path: 'node_modules/(stripe|twilio|shippo|nodemailer|@aws-sdk)/' },
    },
    {
      name: 'pure-rules',
      severity: 'error',
      comment: 'machines and policies know neither Nest nor TypeORM',
      from: { path: '\\.(machine|policy)\\.ts$' },
      to: { path: 'node_modules/(@nestjs|typeorm|pg)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'a cycle is a wrong rank or a missing event',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.spec\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
