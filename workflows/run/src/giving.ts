import {
  ASKED_BYTES,
  type Chain,
  type Change,
  type Given,
  type JsonObject,
  type Needs,
  passOf,
  type RunState,
  titleOf,
  type Unit,
  unitKey,
  utf8Length,
} from "@slipway/dag";
import { givingActivities } from "./activities.ts";
import { batches } from "./batches.ts";
import type { TaskOf } from "./conditions.ts";
import type { OutputRooms } from "./output-rooms.ts";
import type { GiveInput } from "./ports.ts";
import { shortened } from "./titles.ts";

interface Of {
  readonly chain: Chain;
  readonly rooms: OutputRooms;
  readonly taskOf: TaskOf;
  readonly state: RunState;
  readonly inputFor: (needs: Needs, unit: Unit) => JsonObject | undefined;
}

interface Asked {
  readonly unit: Unit;
  readonly pass: number;
  /** Without it, what its expressions name is more than an activity is given. */
  readonly question?: GiveInput;
}

/** Has the outputs of these units evaluated; every unit is told, for the pass in which it was asked. */
export async function giveAll(
  units: readonly Unit[],
  of: Of,
  tell: (given: Extract<Change, { kind: "given" }>) => void,
): Promise<void> {
  const asked = units.map((unit) => askedOf(unit, of));
  const told = ({ unit, pass }: Asked, given: Given) => {
    of.rooms.giveBack(roomOf(unit));
    tell({ kind: "given", ...unit, pass, given });
  };
  for (const one of asked) if (one.question === undefined) told(one, TOO_LARGE);
  const open = asked.filter(({ question }) => question !== undefined);
  for (const batch of batches(open, ({ question }) => utf8Length(JSON.stringify(question)))) {
    const titles = batch.map(({ unit }) => titleOf(of.state, unit));
    const { giveOutputs } = givingActivities(`outputs: ${shortened(titles)}`);
    // An answer holds as many as there is room for: at least one.
    for (let at = 0; at < batch.length; ) {
      const rest = batch.slice(at);
      const answers = await giveOutputs({ questions: rest.flatMap(({ question }) => question ?? []) });
      for (const [place, given] of answers.entries()) {
        const one = rest[place];
        if (one !== undefined) told(one, given);
      }
      at += Math.max(1, answers.length);
    }
  }
}

const TOO_LARGE: Given = {
  kind: "broken",
  why: `what its outputs name is larger than ${Math.round(ASKED_BYTES / 1024)} KB together`,
};

/** No attempt's. */
function roomOf(unit: Unit): string {
  return `outputs of ${unitKey(unit)}`;
}

function askedOf(unit: Unit, { chain, rooms, taskOf, state, inputFor }: Of): Asked {
  const task = taskOf(unit.task);
  const outputs = task?.kind === "noop" || task?.kind === "group" ? task.outputs : undefined;
  const variables = outputs && inputFor(outputs.needs, unit);
  const pass = passOf(state, unit);
  if (outputs === undefined || variables === undefined) return { unit, pass };
  const ref = { chain, ...unit, attempt: pass };
  const room = rooms.take(roomOf(unit), state);
  return { unit, pass, question: { declared: outputs.declared, variables, ref, room } };
}
