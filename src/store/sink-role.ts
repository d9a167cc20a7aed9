import type { Store } from './store.js';

/**
 * Grants a role exactly what the sink needs: to read and write its tables. Creates the role without LOGIN if it does
 * not exist; grant it to a user, or give it a password.
 */
export async function grantSinkRole(store: Store, role: string): Promise<void> {
  await store.transaction(async (tx) => {
    const { rows } = await tx.query<{
      name: string;
      exists: boolean;
      schema: string;
      superuser: boolean;
    }>(
      `SELECT quote_ident($1) AS name, EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS exists,
        quote_ident(current_schema()) AS schema, current_setting('is_superuser')::boolean AS superuser`,
      [role],
    );
    const { name, exists, schema, superuser } = rows[0]!;
    if (!exists) await tx.script(`CREATE ROLE ${name} NOLOGIN`);
    await tx.script(`
      GRANT USAGE ON SCHEMA ${schema} TO ${name};
      GRANT SELECT, INSERT, UPDATE, DELETE ON customer_payment TO ${name};
      GRANT SELECT, INSERT, UPDATE ON sink_offset TO ${name};
      GRANT SELECT, INSERT ON sink_dead_letter TO ${name};
      GRANT SELECT ON customer_last_five, store_schema TO ${name};
      GRANT EXECUTE ON FUNCTION paystream_refuse(text),
        paystream_read_payments(bigint[], bigint[], bigint[], text),  paystream_content(numeric, text, text, text, text, text) TO ${name};`);
    // A server that logs statements also logs their parameters, which for the sink are customers' payments. Only a
    // superuser may turn that off.
    if (superuser) await tx.script(`ALTER ROLE ${name} SET log_parameter_max_length = 0`);
  });
}
