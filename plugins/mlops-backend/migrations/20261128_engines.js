// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('mlops_runs', table => {
    table
      .string('engine', 64)
      .notNullable()
      .defaultTo('local')
      .comment('Where it runs: local, or the name of a cluster');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('mlops_runs', table => {
    table.dropColumn('engine');
  });
};
