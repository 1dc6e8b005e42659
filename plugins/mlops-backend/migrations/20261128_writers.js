// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  // Who wrote commits of a change through the portal: none of them may approve it.
  await knex.schema.createTable('mlops_change_writers', table => {
    table.integer('number').notNullable();
    table.string('by', 300).notNullable();
    table.primary(['number', 'by']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('mlops_change_writers');
};
