import { upstreams } from "./graph-check.ts";
import type { Placed } from "./placed.ts";

/**
 * Whom the name of a task means, and whom a task waits for. In a group a name means a task beside it, or else one beside its
 * group, and so on outwards; `group.child` names one in a group from where the group can be named.
 */
export class Scopes {
  readonly #placed: ReadonlyMap<string, Placed>;
  readonly #children = new Map<string, string[]>();
  readonly #edges: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(placed: readonly Placed[]) {
    this.#placed = new Map(placed.map((each) => [each.name, each]));
    for (const { name, group = "" } of placed) {
      const known = this.#children.get(group);
      if (known === undefined) this.#children.set(group, [name]);
      else known.push(name);
    }
    const edges = new Map<string, ReadonlySet<string>>();
    for (const each of placed) edges.set(each.name, this.#edgesOf(each, edges));
    this.#edges = edges;
  }

  /** The whole name of the task that a name means in a group. */
  resolve(group: string | undefined, name: string): string | undefined {
    for (let scope = group; ; scope = this.#placed.get(scope)?.group) {
      const whole = scope === undefined ? name : `${scope}.${name}`;
      if (this.#placed.has(whole)) return whole;
      if (scope === undefined) return undefined;
    }
  }

  /** What can be named in a group ("": the DAG), and the whole name of each. */
  visibleIn(group: string): ReadonlyMap<string, string> {
    const visible = new Map<string, string>();
    const around = [""];
    for (let at = group; at !== ""; at = this.#placed.get(at)?.group ?? "") around.splice(1, 0, at);
    for (const scope of around) {
      const inside = scope === "" ? [...this.#placed.keys()] : this.#inside(scope);
      for (const name of inside) visible.set(scope === "" ? name : name.slice(scope.length + 1), name);
    }
    return visible;
  }

  /** Whether a task begins only when the one that `name` means in its group has ended. */
  waitsFor(task: string, name: string): boolean {
    const other = this.resolve(this.#placed.get(task)?.group, name);
    const seen = new Set([task]);
    for (const each of seen)
      for (const upstream of this.#edges.get(each) ?? []) {
        if (upstream === other) return true;
        seen.add(upstream);
      }
    return false;
  }

  /** Its upstreams, those of its group, and under `finally` all `tasks`; what is in a group ends before the group. */
  #edgesOf({ task, group = "", final }: Placed, edges: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
    const beside = (this.#children.get(group) ?? []).filter((name) => this.#placed.get(name)?.final !== true);
    const named = upstreams(task).map((name) => (group === "" ? name : `${group}.${name}`));
    const own = [...named, ...(final === true ? beside : [])];
    return new Set([...own, ...own.flatMap((name) => this.#inside(name)), ...(edges.get(group) ?? [])]);
  }

  #inside(group: string): readonly string[] {
    return (this.#children.get(group) ?? []).flatMap((name) => [name, ...this.#inside(name)]);
  }
}
