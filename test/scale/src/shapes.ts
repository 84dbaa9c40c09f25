/** The DAGs of scale: what is many, what is deep, what meshes. */

export type Tasks = Record<string, object>;
/** What every task is, beside its place in the graph. */
export type Body = object;

export const NOOP: Body = { noop: {} };

/** So many tasks in all: the last waits for every other. */
export function wide(count: number, body: Body): Tasks {
  const names = Array.from({ length: count - 1 }, (_, i) => `t${i}`);
  return { ...Object.fromEntries(names.map((name) => [name, body])), end: { ...body, after: names } };
}

/** Levels of ten: nine tasks, and a noop that waits for them all; the next level waits for that. */
export function levels(count: number, body: Body): Tasks {
  const tasks: Tasks = {};
  for (let level = 0; level < count; level += 1) {
    const names = Array.from({ length: 9 }, (_, i) => `t${level}_${i}`);
    for (const name of names) tasks[name] = level === 0 ? body : { ...body, after: `all${level - 1}` };
    tasks[`all${level}`] = { ...NOOP, after: names };
  }
  return tasks;
}

/** Diamonds in diamonds: each task waits for two of the level above. */
export function lattice(deep: number, across: number, body: Body): Tasks {
  const tasks: Tasks = {};
  for (let level = 0; level < deep; level += 1)
    for (let at = 0; at < across; at += 1) {
      const above = [`t${level - 1}_${at}`, `t${level - 1}_${(at + 1) % across}`];
      tasks[`t${level}_${at}`] = level === 0 ? body : { ...body, after: [...new Set(above)] };
    }
  return tasks;
}

/** One task over a list of so many items, and one behind it. */
export function each(count: number, body: Body): Tasks {
  return { load: { ...body, forEach: `\${{ range(${count}) }}` }, end: { ...NOOP, after: "load" } };
}
