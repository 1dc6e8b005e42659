/* Faults of a workflow, in the words and at the places that Argo's own validation gives them. */
import fs from 'node:fs';
import path from 'node:path';
import { lintWorkflow, parseWorkflows, type Problem } from '../index';

const head = (kind: string, name: string) =>
  `apiVersion: argoproj.io/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n`;

function lint(spec: string, kind = 'Workflow', name = 'wf'): Problem[] {
  const text = head(kind, name) + spec.replace(/^/gm, '  ');
  const { documents, problems } = parseWorkflows(text, 'p.yaml');
  return [
    ...problems,
    ...documents.flatMap(document => lintWorkflow(document)),
  ];
}

const errors = (problems: Problem[]) =>
  problems
    .filter(problem => problem.severity === 'error')
    .map(problem => problem.message);

const leaf = (name: string, more = '') =>
  `- {name: ${name}, container: {image: node:22, command: [echo]}${more}}`;

const recorded = fs
  .readFileSync(
    path.resolve(__dirname, '../../../../../shared/argo-golden/operate.jsonl'),
    'utf8',
  )
  .trim()
  .split('\n')
  .map(line => JSON.parse(line));

describe('lint', () => {
  it.each([
    ['OnPodCompletion', []],
    ['Sometimes', ["podGC.strategy unknown strategy 'Sometimes'"]],
  ])('looks at podGC.strategy %s', (strategy, expected) => {
    const spec = `entrypoint: a\npodGC: {strategy: ${strategy}}\ntemplates:\n${leaf(
      'a',
    )}`;
    expect(errors(lint(spec))).toEqual(expected);
  });

  it('takes every recorded workflow that Argo takes, and refuses what Argo refuses', () => {
    const wrong = recorded.flatMap(record => {
      const files = new Map<string, any>(
        (record.workflowTemplates ?? []).map((item: any) => [
          item.metadata.name,
          item,
        ]),
      );
      const { documents } = parseWorkflows(
        JSON.stringify({
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'Workflow',
          metadata: { name: 'wf' },
          ...record.workflow,
        }),
        'wf.json',
      );
      const found = errors(lintWorkflow(documents[0], name => files.get(name)));
      const refusal = /^invalid spec: (.*)/s.exec(
        record.after[0].message ?? '',
      )?.[1];
      if (refusal === undefined)
        return found.map(message => `${record.id}: ${message}`);
      // The innermost words of Argo's chain are ours, too.
      const innermost = refusal.split(/ templates\.| /).at(-1)!;
      return found.some(message => message.includes(innermost.slice(0, 40)))
        ? []
        : [`${record.id}: ${refusal} | ours: ${found.join(' | ')}`];
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    [
      `entrypoint: a\ntemplates:\n${leaf('a')}\n${leaf('a')}`,
      "spec.templates[1].name 'a' is not unique",
    ],
    [`templates:\n${leaf('a')}`, 'spec.entrypoint is required'],
    [`entrypoint: b\ntemplates:\n${leaf('a')}`, "template name 'b' undefined"],
    [
      `entrypoint: a\nonExit: ghost\ntemplates:\n${leaf('a')}`,
      "template name 'ghost' undefined",
    ],
    [
      `entrypoint: a\nhooks: {running: {template: a}}\ntemplates:\n${leaf(
        'a',
      )}`,
      'hooks.running Expression required',
    ],
    [
      `entrypoint: a\ntemplates:\n- name: a\n  steps: [[{name: x, template: b}]]\n${leaf(
        'b',
        ', inputs: {parameters: [{name: p}]}',
      )}`,
      'templates.a.steps[0].x templates.b inputs.parameters.p was not supplied',
    ],
    [
      `entrypoint: a\ntemplates:\n- name: a\n  dag: {tasks: [{name: x, template: b, depends: y}, {name: y, template: b, depends: x}]}\n${leaf(
        'b',
      )}`,
      'templates.a sorting failed: graph with cycle: x->y->x',
    ],
    [
      `entrypoint: a\ntemplates:\n- name: a\n  dag: {tasks: [{name: x, template: b, dependencies: [z]}]}\n${leaf(
        'b',
      )}`,
      "templates.a sorting failed: invalid dependency z of task 'x'",
    ],
    [
      `entrypoint: a\ntemplates:\n- name: a\n  dag: {tasks: [{name: x, template: b}, {name: y, template: b, depends: x.AnySucceeded}]}\n${leaf(
        'b',
      )}`,
      "templates.a.tasks.x dependency 'x' uses an items-based condition",
    ],
    [
      `entrypoint: a\ntemplates:\n- name: a\n  steps: [[{name: x, template: b}], [{name: y, template: b, when: "{{steps.x.outputs.parameters.q}} == 1"}]]\n${leaf(
        'b',
      )}`,
      'templates.a.steps failed to resolve {{steps.x.outputs.parameters.q}}',
    ],
    [
      `entrypoint: a\ntemplates:\n- {name: a, container: {image: node:22, command: [echo], args: ["{{inputs.parameters.x}}"]}}`,
      'templates.a: failed to resolve {{inputs.parameters.x}}',
    ],
    [
      `entrypoint: a\ntemplates:\n- name: a\n  retryStrategy: {retryPolicy: Sometimes}\n  container: {image: node:22, command: [echo]}`,
      'Sometimes is not a valid RetryPolicy',
    ],
    [
      `entrypoint: a\ntemplates:\n- {name: a, parallelism: 2, container: {image: node:22, command: [echo]}}`,
      'templates.a.parallelism is only valid for steps and dag templates',
    ],
    [
      `entrypoint: a\narguments: {parameters: [{name: p, value: c, enum: [a, b]}]}\ntemplates:\n${leaf(
        'a',
      )}`,
      'spec.arguments.p.value should be present in spec.arguments.p.enum list',
    ],
    [
      `entrypoint: a\ntemplates:\n- {name: a, container: {image: node:22, command: [echo]}, outputs: {parameters: [{name: o, valueFrom: {parameter: x}}]}}`,
      'templates.a.outputs.parameters.o.path must be specified for Container templates',
    ],
    [
      `entrypoint: a\ntemplates:\n- name: a\n  steps: [[{name: x, templateRef: {name: lib, template: t}}]]`,
      'templates.a.steps[0].x template reference lib.t not found',
    ],
    [
      `entrypoint: a\ntemplates:\n- name: a\n  steps: [[{name: x}]]`,
      'templates.a.steps[0].x failed to get a template',
    ],
    [
      `entrypoint: a\ntemplates:\n- name: a\n  steps: [{name: x, template: b}]\n${leaf(
        'b',
      )}`,
      'spec.templates[0].steps[0] must be a list of steps that run together, not an object.',
    ],
    [
      `entrypoint: a\ntemplates:\n${leaf(
        'a',
        ', inputs: {parameters: [{name: p}]}',
      )}`,
      'templates.a inputs.parameters.p was not supplied',
    ],
    [
      `entrypoint: a\nonExit: b\narguments: {parameters: [{name: q}]}\ntemplates:\n${leaf(
        'a',
      )}\n${leaf('b', ', inputs: {parameters: [{name: p}, {name: q}]}')}`,
      'templates.b inputs.parameters.p was not supplied',
    ],
    [
      `entrypoint: a\ntemplates:\n${leaf(
        'a',
        ', inputs: {artifacts: [{name: x, path: /x, raw: {data: d}}, {name: y, path: /x, raw: {data: d}}]}',
      )}`,
      "templates.a.inputs.artifacts[1].path '/x' already mounted in inputs.artifacts.x",
    ],
    [
      `entrypoint: a\ntemplates:\n${leaf(
        'a',
        ', outputs: {parameters: [{name: o, globalName: "a b", valueFrom: {path: /o}}]}',
      )}`,
      "templates.a.outputs.parameters.o.globalName: Parameter/Artifact name must consist of alpha-numeric characters, '_' or '-' e.g. my_param_1, MY-PARAM-1",
    ],
    [
      `entrypoint: a\ntemplates:\n- {name: a, container: {command: [echo]}}`,
      'templates.a.container.image may not be empty',
    ],
    [
      `entrypoint: a\ntemplates:\n- {name: a, container: {image: node:22, command: [echo], args: [1]}}`,
      'spec.templates[0].container.args[0] must be a text, not 1.',
    ],
    [
      `entrypoint: a\ntemplates: &all\n- name: a\n  steps: [[{name: x, inline: {steps: *all}}]]`,
      'The alias *all stands inside of what it stands for.',
    ],
  ])('says what is wrong in %j', (spec, message) => {
    expect(errors(lint(spec)).join('\n')).toContain(message);
  });

  // What the controller said of each, and what it lets pass.
  const tell = (members: string) =>
    errors(
      lint(
        `entrypoint: a\ntemplates:\n- name: a\n  ${members}\n- {name: say, inputs: {parameters: [{name: x, default: d}]}, container: {image: node:22, command: [echo]}}`,
      ),
    );
  const say = (name: string, value: string, more = '') =>
    `{name: ${name}, template: say, arguments: {parameters: [{name: x, value: "${value}"}]}${more}}`;
  it.each([
    [
      'a step of a later group',
      `steps: [[${say('x', '{{steps.y.outputs.result}}')}], [${say(
        'y',
        'v',
      )}]]`,
      ['templates.a.steps failed to resolve {{steps.y.outputs.result}}'],
    ],
    [
      'how a step of a later group stands',
      `steps: [[${say('x', '{{steps.y.status}}')}], [${say('y', 'v')}]]`,
      ['templates.a.steps failed to resolve {{steps.y.status}}'],
    ],
    [
      'a step after it in its group',
      `steps: [[${say('x', '{{steps.y.outputs.result}}')}, ${say('y', 'v')}]]`,
      ['templates.a.steps failed to resolve {{steps.y.outputs.result}}'],
    ],
    [
      'a step before it in its group',
      `steps: [[${say('y', 'v')}, ${say('x', '{{steps.y.outputs.result}}')}]]`,
      [],
    ],
    [
      'what it gives itself',
      `steps: [[${say('x', '{{steps.x.outputs.result}}')}]]`,
      ['templates.a.steps failed to resolve {{steps.x.outputs.result}}'],
    ],
    [
      'what it gives itself, with an exit hook',
      `steps: [[${say(
        'x',
        '{{steps.x.outputs.result}}',
        ', hooks: {exit: {template: say}}',
      )}]]`,
      [],
    ],
    [
      'how it stands itself',
      `steps: [[${say('x', '{{steps.x.status}}')}]]`,
      [],
    ],
    [
      'a task that it does not wait for',
      `dag: {tasks: [${say('x', '{{tasks.y.outputs.result}}')}, ${say(
        'y',
        'v',
      )}]}`,
      ["templates.a.tasks.x missing dependency 'y' for parameter 'x'"],
    ],
    [
      'a task that waits for it',
      `dag: {tasks: [${say('x', '{{tasks.y.outputs.result}}')}, ${say(
        'y',
        'v',
        ', depends: x',
      )}]}`,
      ["templates.a.tasks.x missing dependency 'y' for parameter 'x'"],
    ],
    [
      'itself',
      `dag: {tasks: [${say('x', '{{tasks.x.outputs.result}}')}]}`,
      ["templates.a.tasks.x missing dependency 'x' for parameter 'x'"],
    ],
    [
      'a task that it does not wait for, in the middle of a text',
      `dag: {tasks: [${say('x', 'is {{tasks.y.outputs.result}}')}, ${say(
        'y',
        'v',
      )}]}`,
      [],
    ],
    [
      'how a task stands that it does not wait for',
      `dag: {tasks: [${say('x', '{{tasks.y.status}}')}, ${say('y', 'v')}]}`,
      ['templates.a.tasks.x failed to resolve {{tasks.y.status}}'],
    ],
    [
      'a task before the one that it waits for',
      `dag: {tasks: [${say('x', 'v')}, ${say('y', 'v', ', depends: x')}, ${say(
        'z',
        '{{tasks.x.outputs.result}}',
        ', depends: y',
      )}]}`,
      [],
    ],
  ])('says of a name of %s what Argo says', (_what, members, said) => {
    expect(tell(members)).toEqual(said);
  });

  it('names fields that Argo has no more, and what to write', () => {
    const found = lint(
      `entrypoint: a\nsynchronization: {mutex: {name: m}}\ntemplates:\n- name: a\n  synchronization: {semaphore: {configMapKeyRef: {name: c, key: k}}}\n  container: {image: node:22, command: [echo]}`,
    );
    expect(
      found.map(({ severity, message, line }) => [severity, line, message]),
    ).toEqual([
      [
        'notice',
        6,
        'synchronization.mutex is an old field: write mutexes, a list',
      ],
      [
        'notice',
        9,
        'synchronization.semaphore is an old field: write semaphores, a list',
      ],
    ]);
  });

  it('points at the text that holds the tag', () => {
    const [problem] = lint(
      `entrypoint: a\ntemplates:\n- name: a\n  container:\n    image: node:22\n    command: [echo]\n    args: [ok, "{{inputs.parameters.x}}"]`,
    );
    expect(problem).toMatchObject({
      line: 11,
      path: 'spec.templates[0].container.args[1]',
    });
  });

  it('lets a file of templates be without an entry point, for others to call', () => {
    expect(
      lint(
        `templates:\n- {name: a, container: {image: node:22, command: [echo], args: ["{{workflow.parameters.x}}"]}}`,
        'WorkflowTemplate',
      ),
    ).toEqual([]);
  });
});

describe('values that no run can read', () => {
  const warned = (spec: string, kind?: string) => {
    const problems = lint(spec, kind);
    expect(errors(problems)).toEqual([]);
    return problems
      .filter(problem => problem.severity === 'warning')
      .map(({ line, path: at }) => [line, at]);
  };
  const run = 'entrypoint: a\ntemplates:\n';

  it.each([
    ['retryStrategy: {limit: x}', 'retryStrategy.limit'],
    [
      'retryStrategy: {limit: 2, backoff: {duration: soon}}',
      'retryStrategy.backoff.duration',
    ],
    [
      'retryStrategy: {backoff: {duration: 1s, factor: two}}',
      'retryStrategy.backoff.factor',
    ],
    [
      'retryStrategy: {backoff: {duration: 1s, maxDuration: 1 hour}}',
      'retryStrategy.backoff.maxDuration',
    ],
    [
      'retryStrategy: {backoff: {duration: 1s, cap: "-"}}',
      'retryStrategy.backoff.cap',
    ],
    ['timeout: later', 'timeout'],
    [
      'memoize: {key: k, maxAge: old, cache: {configMap: {name: c}}}',
      'memoize.maxAge',
    ],
  ])('are warned of at their place: %j', (field, at) => {
    const fields = `\n  ${field}`;
    const spec = `${run}- name: a\n  container: {image: node:22, command: [echo]}${fields}`;
    const [[line, path_], ...more] = warned(spec);
    expect([path_, line, more]).toEqual([`spec.templates[0].${at}`, 9, []]);
  });

  it('are warned of in suspend, in the spec itself, and in an inline template', () => {
    expect(warned(`${run}- {name: a, suspend: {duration: forever}}`)).toEqual([
      [7, 'spec.templates[0].suspend.duration'],
    ]);
    expect(warned(`retryStrategy: {limit: often}\n${run}${leaf('a')}`)).toEqual(
      [[5, 'spec.retryStrategy.limit']],
    );
    expect(
      warned(
        `${run}- name: a\n  steps: [[{name: s, inline: {suspend: {duration: forever}}}]]`,
      ),
    ).toEqual([[8, 'spec.templates[0].steps[0][0].inline.suspend.duration']]);
    expect(
      warned(
        `${run}- {name: a, steps: [[{name: s, template: b, withSequence: {count: many}}]]}\n${leaf(
          'b',
        )}`,
      ),
    ).toEqual([[7, 'spec.templates[0].steps[0][0].withSequence.count']]);
  });

  it('are not what a run can read, or learns on its way', () => {
    expect(
      warned(
        `${run}${leaf(
          'a',
          ', timeout: "{{workflow.name}}", memoize: {key: k, maxAge: 1h30m, cache: {configMap: {name: c}}}, retryStrategy: {limit: "{{=asInt(workflow.name)}}", backoff: {duration: "5", factor: "2", maxDuration: 1.5m}}',
        )}\n- {name: b, suspend: {duration: "20"}}`,
      ),
    ).toEqual([]);
  });

  it('refuse a deadline below zero in the words of Argo', () => {
    expect(
      errors(lint(`${run}${leaf('a', ', activeDeadlineSeconds: -1')}`)),
    ).toEqual([
      'templates.a.activeDeadlineSeconds must be a positive integer > 0 or an argo variable',
    ]);
  });
});

describe('global outputs', () => {
  const giver =
    '- {name: give, container: {image: node:22, command: [echo]}, outputs: {parameters: [{name: o, globalName: g, valueFrom: {path: /o}}]}}';
  const taker =
    '- {name: take, container: {image: node:22, command: [echo, "{{workflow.outputs.parameters.g}}"]}}';
  const warned = (main: string) =>
    lint(`entrypoint: main\ntemplates:\n${main}\n${giver}\n${taker}`).map(
      ({ severity, message, line }) => [severity, message, line],
    );
  const tooEarly =
    '{{workflow.outputs.parameters.g}} has no value here: nothing that gives it comes before';

  it('have a value after the step that gives them, however deep it is', () => {
    expect(
      warned(
        '- {name: main, steps: [[{name: a, template: inner}], [{name: b, template: take}]]}\n- {name: inner, dag: {tasks: [{name: x, template: give}]}}',
      ),
    ).toEqual([]);
    expect(
      warned(
        '- {name: main, dag: {tasks: [{name: b, template: take, depends: between}, {name: between, template: give, depends: a}, {name: a, template: give}]}}',
      ),
    ).toEqual([]);
  });

  it('are warned of when nothing that gives them comes before', () => {
    expect(
      warned(
        '- {name: main, steps: [[{name: b, template: take}], [{name: a, template: give}]]}',
      ),
    ).toEqual([['warning', tooEarly, 9]]);
    expect(
      warned(
        '- {name: main, dag: {tasks: [{name: a, template: give}, {name: b, template: take}]}}',
      ),
    ).toEqual([['warning', tooEarly, 9]]);
    expect(
      warned(
        '- name: main\n  steps:\n  - - {name: a, template: give}\n    - {name: b, template: take, when: "{{workflow.outputs.parameters.g}} == 1"}',
      ),
    ).toEqual([
      ['warning', tooEarly, 10],
      ['warning', tooEarly, 12],
    ]);
  });

  it('are known to a template that one of its callers calls late enough', () => {
    expect(
      warned(
        '- {name: main, steps: [[{name: b, template: take}], [{name: a, template: give}], [{name: c, template: take}]]}',
      ),
    ).toEqual([]);
  });
});

describe('schedules', () => {
  const spec = (fields: string) =>
    `${fields}\nworkflowSpec:\n  entrypoint: a\n  templates:\n  ${leaf('a')}`;

  it('are taken with all their fields', () => {
    expect(
      lint(
        spec(
          'schedules: ["0 9 * * mon-fri", "@every 1h30m"]\ntimezone: Europe/Berlin\nconcurrencyPolicy: Forbid\nstartingDeadlineSeconds: 60\nsuspend: false\nwhen: "{{= cronworkflow.failed < 3 }}"\nstopStrategy: {expression: "cronworkflow.failed >= 3"}\nsuccessfulJobsHistoryLimit: 3\nfailedJobsHistoryLimit: 1',
        ),
        'CronWorkflow',
      ),
    ).toEqual([]);
  });

  it.each([
    ['schedules: ["61 * * * *"]', 'end of range (61) above maximum (59): 61'],
    ['schedules: ["* * * *"]', 'expected exactly 5 fields, found 4'],
    ['schedules: ["@fortnightly"]', 'unrecognized descriptor: @fortnightly'],
    ['schedules: ["* * * * 7"]', 'end of range (7) above maximum (6): 7'],
    [
      'schedules: ["0 0 * * *"]\ntimezone: Mars/Olympus',
      'unknown time zone Mars/Olympus',
    ],
    [
      'schedules: ["0 0 * * *"]\nconcurrencyPolicy: Never',
      "'Never' is not a valid concurrencyPolicy",
    ],
    ['suspend: true', 'cron workflow must have at least one schedule'],
  ])('are refused: %j', (fields, message) => {
    expect(errors(lint(spec(fields), 'CronWorkflow')).join('\n')).toContain(
      message,
    );
  });

  it('tell the fault of what they start at its own place', () => {
    const problems = lint(
      'schedules: ["0 0 * * *"]\nworkflowSpec:\n  entrypoint: b\n  templates:\n  - {name: a, suspend: {}}',
      'CronWorkflow',
    );
    expect(problems).toEqual([
      expect.objectContaining({
        message: "template name 'b' undefined. Did you mean 'a'?",
        line: 7,
      }),
    ]);
  });
});

describe('what Argo takes', () => {
  it('is an {{item}} where there is no loop; a person is told of it', () => {
    const problems = lint(
      'entrypoint: a\ntemplates:\n- name: a\n  container: {image: i, command: [echo], args: ["{{item}}"]}',
    );
    expect(errors(problems)).toEqual([]);
    expect(problems).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        message: expect.stringMatching(/\{\{item\}\} stays as it is written/),
      }),
    );
  });

  it('is memoize without the fields that its definitions on a cluster require; a person is told where', () => {
    const problems = lint(`entrypoint: a
templates:
- name: a
  memoize: {key: k}
  container: {image: i, command: [echo]}
- name: b
  steps: [[{name: x, inline: {memoize: {key: k, maxAge: 1h}, container: {image: i, command: [echo]}}}]]
- name: c
  memoize: {key: k, maxAge: 1h, cache: {configMap: {name: c}}}
  container: {image: i, command: [echo]}`);
    expect(errors(problems)).toEqual([]);
    expect(
      problems.map(({ severity, line, column, message }) => [
        severity,
        line,
        column,
        message.replace(/, and.*/, ''),
      ]),
    ).toEqual([
      ['warning', 8, 5, 'memoize.maxAge is missing'],
      ['warning', 8, 5, 'memoize.cache.configMap is missing'],
      ['warning', 11, 33, 'memoize.cache.configMap is missing'],
    ]);
  });

  it.each([
    ['x.AllFailed || x', []],
    [
      'x || x.AllFailed',
      [expect.stringMatching(/uses an items-based condition/)],
    ],
  ])('is decided by the last word on a task: %s', (depends, expected) => {
    const spec = `entrypoint: a\ntemplates:\n- name: a\n  dag: {tasks: [{name: x, template: b}, {name: y, template: b, depends: "${depends}"}]}\n${leaf(
      'b',
    )}`;
    expect(errors(lint(spec))).toEqual(expected);
  });
});
