export { Recommendation } from './recommendation.entity.js';
export { RoutingModule } from './routing.module.js';
