// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('mlops_runs', table => {
    table
      .increments('sequence')
      .comment('Order of submission; pages are cut by it');
    table.string('id', 128).notNullable().unique();
    table.string('project', 63).notNullable();
    table.string('pipeline', 128).notNullable();
    table.string('phase', 16).notNullable();
    table.text('message');
    table.string('cause_node', 500);
    table.text('cause_message');
    table.string('ref', 200).notNullable();
    table.string('commit', 40).notNullable();
    table.string('file', 500).notNullable();
    table.text('parameters').notNullable();
    table.string('trigger_by', 250).notNullable();
    table.string('tracking_run_id', 64).notNullable();
    table.string('experiment_id', 16).notNullable();
    table.string('isolation', 16).notNullable();
    table.text('notes').notNullable();
    table
      .string('token_hash', 64)
      .comment('sha256 of the token of its steps; null when the run is over')
      .unique();
    table.string('shutdown', 16);
    table.string('created_at', 30).notNullable();
    table.string('started_at', 30);
    table.string('finished_at', 30);
    table.text('workflow', 'longtext').notNullable();
    table.text('state', 'longtext').notNullable();
    table.index(['project', 'pipeline', 'sequence'], 'mlops_runs_by_pipeline');
    table.index(['phase', 'sequence'], 'mlops_runs_by_phase');
    table.index(['tracking_run_id'], 'mlops_runs_by_tracking');
  });
  await knex.schema.createTable('mlops_step_attempts', table => {
    table.string('run_id', 128).notNullable();
    table.string('node_id', 250).notNullable();
    table.integer('attempt').notNullable();
    table.string('directory', 1000).notNullable();
    table.string('created_at', 30).notNullable();
    table.primary(['run_id', 'node_id', 'attempt']);
  });
  await knex.schema.createTable('mlops_idempotency', table => {
    table.string('caller', 250).notNullable();
    table.string('key', 200).notNullable();
    table.string('body_hash', 64).notNullable();
    table.string('run_id', 128).notNullable();
    table.string('created_at', 30).notNullable();
    table.primary(['caller', 'key']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('mlops_idempotency');
  await knex.schema.dropTable('mlops_step_attempts');
  await knex.schema.dropTable('mlops_runs');
};
