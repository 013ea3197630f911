import { Injectable, RequestMethod, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { accessRuleKey, type AccessRule } from '../../platform/http/access-rule.js';
import { isPermission } from './permissions.js';

/** Nest's own metadata keys of controllers (@nestjs/common constants, not exported). */
const pathKey = 'path';
const methodKey = 'method';

/** Refuses a start at which a route says neither `@Can` nor `@Public`, or names a permission nobody has. */
@Injectable()
export class RouteRules implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const problems = this.problems();
    if (problems.length > 0) throw new Error(`routes without a valid access rule: ${problems.join('; ')}`);
  }

  problems(): string[] {
    return this.routes().flatMap(({ name, handler }) => {
      const rule = this.reflector.get<AccessRule | undefined>(accessRuleKey, handler);
      if (rule === undefined) return [`${name} has none`];
      if ('permission' in rule && !isPermission(rule.permission)) return [`${name} names ${rule.permission}`];
      return [];
    });
  }

  private routes(): { name: string; handler: () => unknown }[] {
    return this.discovery.getControllers().flatMap(({ instance, metatype }) => {
      const prototype = Object.getPrototypeOf(instance ?? {}) as Record<string, () => unknown>;
      return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
        const handler = prototype[method];
        if (handler === undefined || !Reflect.hasMetadata(pathKey, handler)) return [];
        const verb = RequestMethod[(Reflect.getMetadata(methodKey, handler) as number | undefined) ?? 0] ?? 'GET';
        return [{ name: `${metatype?.name ?? 'controller'}.${method} (${verb})`, handler }];
      });
    });
  }
}
