import { PaystreamError } from '../errors/paystream-error.js';
import { migrateStore, type Store, storeSchemaStatus } from '../store/index.js';
import type { StoreRetry } from './store-retry.js';

/**
 * Sees that the schema is there before anything is read; a store that is not up yet is waited for.
 *
 * @param migrate whether what is missing may be applied
 * @throws STORE_SCHEMA_MISSING
 */
export async function prepareStore(store: Store, retry: StoreRetry, migrate: boolean): Promise<void> {
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
