export { Caller, Can, contextOf, Public, type Principal } from './access.js';
export { ApiKey } from './api-key.entity.js';
export { AuthModule } from './auth.module.js';
export { FirstAdmin, type FirstAdminResult } from './first-admin.js';
export { permissionsOf, type Permission, type Role } from './permissions.js';
export { Principals } from './principals.js';
export { RefreshToken, Session } from './session.entity.js';
export { User, userRoles, type UserRole } from './user.entity.js';
export { Users } from './users.service.js';
