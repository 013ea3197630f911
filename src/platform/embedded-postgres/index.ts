export { startEmbeddedPostgres } from './cluster.js';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './cluster.js';
export { openSecretsFile } from './secrets.js';
export type { SecretStore } from './secrets.js';
