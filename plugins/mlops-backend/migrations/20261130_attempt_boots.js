// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  // Which boot of its machine an attempt began in; what a machine had not written to its disk is gone with the boot.
  await knex.schema.alterTable('mlops_step_attempts', table => {
    table.string('boot', 64).nullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('mlops_step_attempts', table => {
    table.dropColumn('boot');
  });
};
