import { upstreams } from "./graph-check.ts";
import type { Placed } from "./placed.ts";

/**
 * Whom the name of a task means, and whom a task waits for. In a group a name means a task beside it, or else one beside its
 * group, and so on outwards; `group.child` names one in a group from where the group can be named.
 */
export class Scopes {
  readonly #placed: ReadonlyMap<string, Placed>;
  readonly #children = new Map<string, string[]>();

  constructor(placed: readonly Placed[]) {
    this.#placed = new Map(placed.map((each) => [each.name, each]));
    for (const { name, group = "" } of placed) {
      const known = this.#children.get(group);
      if (known === undefined) this.#children.set(group, [name]);
      else known.push(name);
    }
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

  /**
   * Whether a task begins only when the one that `name` means in its group has ended. Walked when asked: lists of all that each
   * task waits for would be quadratic.
   */
  waitsFor(task: string, name: string): boolean {
    return this.#waits(task, this.resolve(this.#placed.get(task)?.group, name));
  }

  /** Whether the task that `name` means inside a group has ended when the group comes to its end. */
  endsWith(group: string, name: string): boolean {
    const other = this.resolve(group, name);
    return other?.startsWith(`${group}.`) === true || this.#waits(group, other);
  }

  #waits(task: string, other: string | undefined): boolean {
    if (other === undefined) return false;
    const seen = new Set([task]);
    for (const each of seen) {
      for (const upstream of this.#upstreamsOf(each)) {
        // What is in a group ends before the group.
        if (upstream === other || other.startsWith(`${upstream}.`)) return true;
        seen.add(upstream);
      }
      const group = this.#placed.get(each)?.group;
      if (group !== undefined) seen.add(group);
    }
    return false;
  }

  /** Those of a task itself, and under `finally` all `tasks` beside it. */
  #upstreamsOf(name: string): readonly string[] {
    const placed = this.#placed.get(name);
    if (placed === undefined) return [];
    const { task, group = "", final } = placed;
    const named = upstreams(task).map((each) => (group === "" ? each : `${group}.${each}`));
    if (final !== true) return named;
    const beside = this.#children.get(group) ?? [];
    return [...named, ...beside.filter((each) => this.#placed.get(each)?.final !== true)];
  }

  #inside(group: string): readonly string[] {
    return (this.#children.get(group) ?? []).flatMap((name) => [name, ...this.#inside(name)]);
  }
}
