// @ts-check

/**
 * Laid out for 100,000 runs and millions of points: integer ids inside, one row a point keyed by (run, key, step, time), and the
 * newest point of each metric beside them, so that lists never touch the points.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('tracking_experiments', table => {
    table.increments('id').comment('MLflow experiment_id');
    table.string('name', 500).notNullable().unique();
    table.string('lifecycle_stage', 16).notNullable().defaultTo('active');
    table.bigInteger('creation_time').notNullable();
    table.bigInteger('last_update_time').notNullable();
  });
  await knex.schema.createTable('tracking_experiment_tags', table => {
    table
      .integer('experiment_id')
      .notNullable()
      .references('id')
      .inTable('tracking_experiments')
      .onDelete('CASCADE');
    table.string('key', 250).notNullable();
    table.text('value').notNullable();
    table.primary(['experiment_id', 'key']);
  });
  await knex.schema.createTable('tracking_runs', table => {
    table.increments('id');
    table.string('run_uuid', 256).notNullable().unique();
    table
      .integer('experiment_id')
      .notNullable()
      .references('id')
      .inTable('tracking_experiments');
    table
      .integer('parent_id')
      .references('id')
      .inTable('tracking_runs')
      .comment('Run of the tag mlflow.parentRunId');
    table.string('name', 500).notNullable();
    table.string('user_id', 250).notNullable();
    table.string('status', 16).notNullable();
    table.bigInteger('start_time').notNullable();
    table.bigInteger('end_time');
    table.string('lifecycle_stage', 16).notNullable().defaultTo('active');
    table.index(
      ['experiment_id', 'lifecycle_stage', 'start_time', 'id'],
      'tracking_runs_list',
    );
    table.index(['parent_id'], 'tracking_runs_parent');
  });
  for (const [name, length] of /** @type {[string, number][]} */ ([
    ['params', 6000],
    ['tags', 8000],
  ]))
    await knex.schema.createTable(`tracking_${name}`, table => {
      table
        .integer('run_id')
        .notNullable()
        .references('id')
        .inTable('tracking_runs')
        .onDelete('CASCADE');
      table.string('key', 250).notNullable();
      table.text('value').notNullable().comment(`At most ${length} characters`);
      table.primary(['run_id', 'key']);
    });
  const point = (
    /** @type {import('knex').Knex.CreateTableBuilder} */ table,
  ) => {
    table
      .integer('run_id')
      .notNullable()
      .references('id')
      .inTable('tracking_runs')
      .onDelete('CASCADE');
    table.string('key', 250).notNullable();
    table.bigInteger('step').notNullable();
    table.bigInteger('timestamp').notNullable();
    table.double('value').notNullable();
    table.boolean('is_nan').notNullable().defaultTo(false);
  };
  await knex.schema.createTable('tracking_metrics', table => {
    point(table);
    table.primary(['run_id', 'key', 'step', 'timestamp', 'value', 'is_nan']);
  });
  await knex.schema.createTable('tracking_latest_metrics', table => {
    point(table);
    table.primary(['run_id', 'key']);
    table.index(['key', 'value', 'run_id'], 'tracking_latest_by_value');
  });
  await knex.schema.createTable('tracking_inputs', table => {
    table
      .integer('run_id')
      .notNullable()
      .references('id')
      .inTable('tracking_runs')
      .onDelete('CASCADE');
    table.string('name', 500).notNullable();
    table.string('digest', 100).notNullable();
    table.text('source_type').notNullable();
    table.text('source').notNullable();
    table.text('schema');
    table.text('profile');
    table.text('tags').notNullable();
    table.bigInteger('logged_at').notNullable();
    table.primary(['run_id', 'name', 'digest']);
  });
  await knex.schema.createTable('tracking_models', table => {
    table.increments('id');
    table.string('name', 250).notNullable().unique();
    table.text('description').notNullable().defaultTo('');
    table.bigInteger('creation_time').notNullable();
    table.bigInteger('last_update_time').notNullable();
  });
  await knex.schema.createTable('tracking_model_versions', table => {
    table
      .integer('model_id')
      .notNullable()
      .references('id')
      .inTable('tracking_models')
      .onDelete('CASCADE');
    table.integer('version').notNullable();
    table.string('run_uuid', 256).notNullable();
    table.text('source').notNullable();
    table.string('digest', 80).notNullable();
    table
      .text('manifest', 'longtext')
      .notNullable()
      .comment('Never changed; the same bytes lie beside the files');
    table.text('description').notNullable().defaultTo('');
    table.bigInteger('creation_time').notNullable();
    table.bigInteger('last_update_time').notNullable();
    table.primary(['model_id', 'version']);
    table.index(['run_uuid'], 'tracking_versions_by_run');
  });
  for (const owner of ['model', 'version'])
    await knex.schema.createTable(`tracking_${owner}_tags`, table => {
      table
        .integer('model_id')
        .notNullable()
        .references('id')
        .inTable('tracking_models')
        .onDelete('CASCADE');
      if (owner === 'version') table.integer('version').notNullable();
      table.string('key', 250).notNullable();
      table.text('value').notNullable();
      table.primary(
        owner === 'version'
          ? ['model_id', 'version', 'key']
          : ['model_id', 'key'],
      );
    });
  await knex.schema.createTable('tracking_aliases', table => {
    table
      .integer('model_id')
      .notNullable()
      .references('id')
      .inTable('tracking_models')
      .onDelete('CASCADE');
    table.string('alias', 250).notNullable();
    table.integer('version').notNullable();
    table.primary(['model_id', 'alias']);
  });
  await knex.schema.createTable('tracking_artifacts', table => {
    table.string('key', 1000).primary();
    table.string('digest', 80).notNullable();
    table.bigInteger('size_bytes').notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const name of [
    'artifacts',
    'aliases',
    'version_tags',
    'model_tags',
    'model_versions',
    'models',
    'inputs',
    'latest_metrics',
    'metrics',
    'tags',
    'params',
    'runs',
    'experiment_tags',
    'experiments',
  ])
    await knex.schema.dropTable(`tracking_${name}`);
};
