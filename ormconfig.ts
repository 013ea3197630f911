import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { loadConfig } from './config/index.js';
import * as migrations from './migrations/index.js';
import './src/app.module.js';
import { dataSourceOptions } from './src/platform/db/data-source.js';

/** For TypeORM's command line, after `npm run build`: migration:generate, run, revert, show. Works as the owner role. */
const config = loadConfig(process.env);

export default new DataSource({
  ...dataSourceOptions(config.DATABASE_OWNER_URL ?? config.DATABASE_URL ?? 'postgres://localhost/pharmonico'),
  migrations: Object.values(migrations),
});
