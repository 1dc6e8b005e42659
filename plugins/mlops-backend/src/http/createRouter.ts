/* All that the plugin answers over HTTP: the MLflow protocol, its own routes, and every error in one shape. */
import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { createTrackingRouter } from '@backstage-mlops/mlops-tracking';
import { Router } from 'express';
import { declaredIn } from '../promotions/createPromotions';
import { faultHandler } from './faults';
import { QuietDatabase } from './QuietDatabase';
import { mountRoutes, type RouteServices } from './route';
import { createRoutes, type RouteTargets } from './routes';
import { trackingAuthorize } from './trackingAuthorize';

/** The plugin's router over what its routes speak to. */
export function createRouter(
  targets: RouteTargets,
  services: RouteServices & { logger: LoggerService },
): Router {
  const { index, runs, tracking } = targets;
  const router = Router();
  router.use(
    createTrackingRouter({
      tracking,
      declaredIn: declaredIn(index),
      authorize: trackingAuthorize({ runs, ...services }),
      audit: call => auditTracking(services.auditor, call),
    }),
  );
  const { knex } = tracking;
  const database =
    knex.client.config.client === 'pg'
      ? new QuietDatabase({ ask: () => knex('mlops_runs').first('id') })
      : undefined;
  mountRoutes(router, createRoutes(targets), { ...services, database });
  router.use(faultHandler(services.logger));
  return router;
}

type TrackingCall = Parameters<
  NonNullable<Parameters<typeof createTrackingRouter>[0]['audit']>
>[0];

function auditTracking(
  auditor: AuditorService,
  { request, action, error }: TrackingCall,
): void {
  auditor
    .createEvent({
      eventId: 'tracking-call',
      severityLevel: error ? 'medium' : 'low',
      request,
      meta: { action },
    })
    .then(event =>
      error ? event.fail({ error: error as Error }) : event.success(),
    )
    .catch(() => undefined);
}
