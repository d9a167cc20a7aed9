import { PaystreamError } from '../errors/paystream-error.js';
import { migrateStore, storeSchemaStatus } from '../store/index.js';
import type { SinkContext } from './sink-context.js';

/**
 * Checks the store's schema before any record is read. Waits for a store that is not up yet.
 *
 * @param migrate whether to apply the missing schema files
 * @throws STORE_SCHEMA_MISSING
 */
export async function prepareStore({ store, retry }: SinkContext, migrate: boolean): Promise<void> {
  await retry.run(
    'preparing the store',
    async () => {
      if (migrate) await migrateStore(store);
      const { pending } = await storeSchemaStatus(store);
      if (pending.length === 0) return;
      throw new PaystreamError('STORE_SCHEMA_MISSING', `The store lacks ${pending.length} schema files.`, {
        where: store.address,
        hint: 'Run `paystream store migrate`, or start the sink without --no-migrate-store.',
      });
    },
    () => true,
  );
}
