// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('mlops_runs', table => {
    table
      .string('lease_owner', 64)
      .comment('The portal that runs it; null when nobody does');
    table
      .integer('lease_token')
      .notNullable()
      .defaultTo(0)
      .comment('Grows with every owner; a write with an older one is refused');
    table
      .bigInteger('lease_until')
      .comment("Milliseconds by the database's clock");
    table
      .text('controls', 'longtext')
      .comment('What people asked of the run and its owner has not done yet');
    table
      .text('origin')
      .comment('The run that this one repeats or goes on from');
    table.string('trigger_kind', 16).notNullable().defaultTo('person');
    table.index(['lease_owner'], 'mlops_runs_by_owner');
  });
  await knex.schema.alterTable('mlops_step_attempts', table => {
    table
      .string('state', 16)
      .notNullable()
      .defaultTo('ended')
      .comment('open, ended, abandoned');
    table.string('host', 255);
    table.string('ended_at', 30);
    table.text('usage').comment('What the attempt cost, as JSON');
    table.index(['state'], 'mlops_step_attempts_by_state');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('mlops_step_attempts', table => {
    table.dropIndex(['state'], 'mlops_step_attempts_by_state');
    table.dropColumns('state', 'host', 'ended_at', 'usage');
  });
  await knex.schema.alterTable('mlops_runs', table => {
    table.dropIndex(['lease_owner'], 'mlops_runs_by_owner');
    table.dropColumns(
      'lease_owner',
      'lease_token',
      'lease_until',
      'controls',
      'origin',
      'trigger_kind',
    );
  });
};
