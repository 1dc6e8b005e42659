// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('mlops_sync', table => {
    table.string('project', 63).notNullable();
    table.string('kind', 10).notNullable().comment('pipeline, schedule, alias');
    table.string('model', 63).notNullable().comment('Of an alias; else empty');
    table.string('name', 250).notNullable();
    table.string('state', 10).notNullable();
    table.string('field', 500);
    table.text('desired');
    table.text('actual');
    table.text('message');
    table.string('since', 30).notNullable().comment('In this state since');
    table.string('commit', 40).notNullable();
    table.primary(['project', 'kind', 'model', 'name']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('mlops_sync');
};
