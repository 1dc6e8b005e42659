// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  // Since when the attempt lies on the disk of a machine that does not answer; milliseconds by the database's clock.
  await knex.schema.alterTable('mlops_step_attempts', table => {
    table.bigInteger('unseen_since').nullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('mlops_step_attempts', table => {
    table.dropColumn('unseen_since');
  });
};
