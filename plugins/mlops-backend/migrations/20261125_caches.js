// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('mlops_caches', table => {
    table.string('project', 63).notNullable();
    table.string('cache_name', 253).notNullable();
    table.string('key', 253).notNullable();
    table.string('run_id', 128).notNullable().comment('The run that filled it');
    table.string('node_id', 250).notNullable();
    table.text('outputs', 'longtext');
    table.string('created_at', 30).notNullable();
    table.string('last_hit_at', 30);
    table.primary(['project', 'cache_name', 'key']);
  });
  await knex.schema.createTable('mlops_cache_uses', table => {
    table.string('project', 63).notNullable();
    table.string('cache_name', 253).notNullable();
    table.string('key', 253).notNullable();
    table.string('run_id', 128).notNullable().comment('A run that used it');
    table.string('used_at', 30).notNullable();
    table.primary(['project', 'cache_name', 'key', 'run_id']);
  });
  await knex.schema.createTable('mlops_locks', table => {
    table.string('name', 500).notNullable().primary();
    table.string('run_id', 128).notNullable().index();
    table.string('created_at', 30).notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('mlops_locks');
  await knex.schema.dropTable('mlops_cache_uses');
  await knex.schema.dropTable('mlops_caches');
};
