import type { DagTasks } from './DagTasks';
import { NodeFault, type Values } from './Pass';
import { addGlobals, addLoopValues, addNodeValues } from './references';
import { templateOf, valuesOf } from './steps';

/** What a task may say: of everything that comes before it, directly or not. */
export function valuesBefore(dag: DagTasks, direct: string[]): Values {
  const values = valuesOf(dag.processed);
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const task = dag.find(name);
    if (task?.inline && dag.nodeOf(name)?.type === 'TaskGroup')
      throw new NodeFault('failed to get a template');
    addValues(dag, values, name);
    if (task) dag.before(task).forEach(visit);
  };
  direct.forEach(visit);
  addGlobals(dag.pass, values);
  return values;
}

/** What the DAG itself may say: of all its tasks. */
export function valuesOfAll(dag: DagTasks): Values {
  const values = valuesOf(dag.processed);
  for (const name of dag.names) {
    addValues(dag, values, name);
  }
  return values;
}

function addValues(dag: DagTasks, values: Values, name: string): void {
  const { pass } = dag;
  const node = dag.nodeOf(name);
  const task = dag.find(name);
  if (!node || !task) return;
  if (node.type === 'TaskGroup') {
    const start = `${node.name}(`;
    addLoopValues(
      values,
      `tasks.${name}`,
      Object.values(pass.state.nodes).filter(
        child =>
          child.boundaryID === dag.node.id && child.name.startsWith(start),
      ),
    );
  }
  addNodeValues(
    pass,
    values,
    `tasks.${name}`,
    node,
    templateOf(pass, task, dag.processed),
  );
}
