import {
  evaluateDepends,
  parseDepends,
  type Depends,
} from '../expressions/depends';
import type { DagTasks } from './DagTasks';
import type { Member } from './members';
import { continuesOn } from './steps';

/** Whether the results of the tasks before it let a task run. */
export function isMet(dag: DagTasks, task: Member): boolean {
  const tree: Depends | undefined = task.dependencies?.length
    ? (task.dependencies as string[])
        .map((name): Depends => ({ op: 'task', task: name }))
        .reduce((left, right) => ({ op: 'and', left, right }))
    : task.depends
    ? parseDepends(task.depends)
    : undefined;
  return (
    tree === undefined ||
    evaluateDepends(tree, (name, result) => hasResult(dag, name, result))
  );
}

function hasResult(dag: DagTasks, task: string, result?: string): boolean {
  const node = dag.nodeOf(task)!;
  const children =
    node.type === 'TaskGroup' ? dag.pass.tree.childrenOf(node) : [];
  switch (result) {
    case undefined:
      return (
        node.phase === 'Succeeded' ||
        node.phase === 'Skipped' ||
        continuesOn(dag.find(task), node)
      );
    case 'Errored':
      return node.phase === 'Error';
    case 'AnySucceeded':
      return children.some(child => child.phase === 'Succeeded');
    case 'AllFailed':
      return (
        children.length > 0 && children.every(child => child.phase === 'Failed')
      );
    default:
      return node.phase === result;
  }
}
