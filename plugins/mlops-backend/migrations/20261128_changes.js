// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  // Pull requests of the host that the portal is itself.
  await knex.schema.createTable('mlops_pull_requests', table => {
    table.increments('number');
    table
      .string('open_key', 64)
      .unique()
      .comment('The same key opens the same request');
    table.text('title').notNullable();
    table.text('message').notNullable();
    table
      .string('state', 10)
      .notNullable()
      .index()
      .comment('opening, open, merged, closed');
    table.boolean('draft').notNullable();
    table.string('branch', 255).notNullable();
    table
      .string('open_branch', 255)
      .unique()
      .comment('The branch while it is open: a branch has one open request');
    table.string('target', 255).notNullable();
    table.string('base', 40).notNullable();
    table.string('head', 40).notNullable().comment('Last one that was seen');
    table.string('author', 300).notNullable();
    table.string('created_at', 30).notNullable();
    table.string('updated_at', 30).notNullable();
    table.string('merge_commit', 40);
    table.string('merged_by', 300);
    table.string('merged_at', 30);
    table.text('reviewers').notNullable().comment('JSON');
    table
      .text('operation', 'longtext')
      .comment('What is being done to a ref, as JSON; finished after a crash');
  });
  await knex.schema.createTable('mlops_pull_request_checks', table => {
    table.integer('number').notNullable();
    table.string('name', 100).notNullable();
    table.string('commit', 40).notNullable();
    table.string('state', 10).notNullable();
    table.text('message').notNullable();
    table.text('log_url');
    table.string('updated_at', 30).notNullable();
    table.primary(['number', 'name']);
  });
  await knex.schema.createTable('mlops_pull_request_notes', table => {
    table.increments('id');
    table.integer('number').notNullable().index();
    table.string('kind', 10).notNullable().comment('comment, review');
    table.string('by', 300).notNullable();
    table.string('verdict', 20);
    table.text('text');
    table.string('commit', 40);
    table.string('at', 30).notNullable();
  });
  // What the portal knows of a request beside its host.
  await knex.schema.createTable('mlops_changes', table => {
    table.string('key', 64).primary();
    table
      .integer('number')
      .unique()
      .comment('At the host; null until it has answered');
    table.string('project', 63).notNullable().index();
    table.string('kind', 20).notNullable();
    table.text('promotion').comment('JSON');
    table.text('trial').comment('JSON: pipeline, parameters');
    table.string('created_by', 300).notNullable();
    table.string('created_at', 30).notNullable();
  });
  await knex.schema.createTable('mlops_change_keys', table => {
    table.string('caller', 300).notNullable();
    table.string('key', 200).notNullable();
    table.string('body_hash', 64).notNullable();
    table.string('change_key', 64).notNullable();
    table.primary(['caller', 'key']);
  });
  await knex.schema.createTable('mlops_change_checks', table => {
    table.integer('number').notNullable();
    table.string('name', 100).notNullable();
    table.string('commit', 40).notNullable();
    table.integer('attempt').notNullable().defaultTo(1);
    table.string('state', 10).notNullable().index();
    table.text('message').notNullable();
    table.text('log_url');
    table.bigInteger('lease_until').comment('Somebody looks at it until then');
    table.string('updated_at', 30).notNullable();
    table.primary(['number', 'name', 'commit']);
  });
  await knex.schema.createTable('mlops_change_reviews', table => {
    table.integer('number').notNullable();
    table.string('by', 300).notNullable();
    table
      .text('groups')
      .notNullable()
      .comment('Entities that the person spoke for, as JSON');
    table.primary(['number', 'by']);
  });
  await knex.schema.createTable('mlops_branch_history', table => {
    table.string('branch', 255).primary();
    table.string('commit', 40).notNullable().comment('Last one that was read');
    table.string('at', 30).notNullable();
  });
  await knex.schema.createTable('mlops_rewrites', table => {
    table.string('branch', 255).notNullable();
    table
      .string('lost_commit', 40)
      .notNullable()
      .comment('Was on the branch and is not any more');
    table.string('commit', 40).notNullable();
    table.string('found_at', 30).notNullable();
    table.primary(['branch', 'lost_commit', 'commit']);
  });
  await knex.schema.alterTable('mlops_runs', table => {
    table.string('trigger_change', 20).comment('The change that it checks');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('mlops_runs', table => {
    table.dropColumn('trigger_change');
  });
  for (const name of [
    'mlops_rewrites',
    'mlops_branch_history',
    'mlops_change_reviews',
    'mlops_change_checks',
    'mlops_change_keys',
    'mlops_changes',
    'mlops_pull_request_notes',
    'mlops_pull_request_checks',
    'mlops_pull_requests',
  ])
    await knex.schema.dropTable(name);
};
