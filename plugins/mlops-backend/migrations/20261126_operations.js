// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('mlops_runs', table => {
    table
      .string('scheduled_for', 30)
      .comment('The time of the schedule that started it');
    table
      .string('admitted_at', 30)
      .comment('When it left the queue; null while it waits');
    table
      .text('removed')
      .comment('What retention took away, as JSON: logs, artifacts');
    table.bigInteger('storage_bytes').comment('On disk, when it was over');
    table.index(['project', 'trigger_kind'], 'mlops_runs_by_trigger');
  });
  await knex('mlops_runs').update({ admitted_at: knex.ref('created_at') });
  await knex.schema.createTable('mlops_schedules', table => {
    table.string('project', 63).notNullable();
    table.string('name', 128).notNullable();
    table.string('first_seen_at', 30).notNullable();
    table
      .string('last_scheduled_at', 30)
      .notNullable()
      .comment('Times up to here were run, skipped or missed');
    table.integer('succeeded').notNullable().defaultTo(0);
    table.integer('failed').notNullable().defaultTo(0);
    table.string('last_run_at', 30);
    table.string('last_run_id', 128);
    table.string('stopped_at', 30).comment('By its stopStrategy');
    table.primary(['project', 'name']);
  });
  // A mutex has one holder; a semaphore many, and a run may hold it several times.
  await knex.schema.createTable('mlops_lock_holders', table => {
    table.string('name', 500).notNullable();
    table.string('run_id', 128).notNullable().index();
    table.integer('count').notNullable();
    table.primary(['name', 'run_id']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('mlops_lock_holders');
  await knex.schema.dropTable('mlops_schedules');
  await knex.schema.alterTable('mlops_runs', table => {
    table.dropIndex(['project', 'trigger_kind'], 'mlops_runs_by_trigger');
    table.dropColumns(
      'scheduled_for',
      'admitted_at',
      'removed',
      'storage_bytes',
    );
  });
};
