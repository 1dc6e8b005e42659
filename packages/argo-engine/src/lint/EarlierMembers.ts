/* What is over before a step or task begins: steps of earlier groups, tasks that it waits for. */
import { tasksBefore } from '../graph/toGraph';
import type { MemberPlace } from './kinds';

type Data = Record<string, any>;

/** Looks from the name that is asked for to its owner, since a large pipeline asks for few of all the names before each member. */
export class EarlierMembers {
  private readonly byName = new Map<string, Data>();
  private readonly waits = new Map<Data, string[]>();
  private owners?: Map<string, MemberPlace[]>;

  constructor(
    private readonly members: MemberPlace[],
    /** Names that a member gives once it is over. */
    private readonly wordsOf: (member: Data) => string[],
  ) {
    for (const { member } of members) this.byName.set(member.name, member);
  }

  /** Whether the name has a value when the member begins. */
  give(name: string, { member, group }: MemberPlace): boolean {
    this.owners ??= this.findOwners();
    const owners = this.owners.get(name) ?? [];
    return owners.some(owner =>
      group === undefined
        ? this.waitsFor(member, owner.member)
        : owner.group! < group,
    );
  }

  /** Whether the name is of a step before this one in its own group: it runs at the same time. */
  isBeside(name: string, { member, group }: MemberPlace): boolean {
    this.owners ??= this.findOwners();
    const at = this.members.findIndex(place => place.member === member);
    return (this.owners.get(name) ?? []).some(
      owner => owner.group === group && this.members.indexOf(owner) < at,
    );
  }

  private findOwners(): Map<string, MemberPlace[]> {
    const owners = new Map<string, MemberPlace[]>();
    for (const place of this.members)
      for (const word of this.wordsOf(place.member)) {
        const known = owners.get(word);
        if (known) known.push(place);
        else owners.set(word, [place]);
      }
    return owners;
  }

  private waitsFor(member: Data, wanted: Data): boolean {
    const seen = new Set<Data>();
    const open = [member];
    for (let task = open.pop(); task; task = open.pop())
      for (const name of this.namesBefore(task)) {
        const next = this.byName.get(name);
        if (!next || seen.has(next)) continue;
        if (next === wanted) return true;
        seen.add(next);
        open.push(next);
      }
    return false;
  }

  private namesBefore(task: Data): string[] {
    const known = this.waits.get(task);
    if (known) return known;
    const names = [...tasksBefore(task)];
    this.waits.set(task, names);
    return names;
  }
}
