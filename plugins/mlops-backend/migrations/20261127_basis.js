// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('mlops_runs', table => {
    table
      .text('basis', 'longtext')
      .comment(
        'What it began from beside commit and parameters, as JSON: entrypoint, reuse, inputs with digests',
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('mlops_runs', table => {
    table.dropColumn('basis');
  });
};
