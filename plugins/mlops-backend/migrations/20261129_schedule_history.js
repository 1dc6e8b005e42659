// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('mlops_schedules', table => {
    // Ends of runs that were removed: a stopStrategy counts them, too.
    table.integer('gone_succeeded').notNullable().defaultTo(0);
    table.integer('gone_failed').notNullable().defaultTo(0);
    // The last time that led to no run, and why.
    table.string('passed_at', 40).nullable();
    table.text('passed_why').nullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('mlops_schedules', table => {
    table.dropColumns(
      'gone_succeeded',
      'gone_failed',
      'passed_at',
      'passed_why',
    );
  });
};
