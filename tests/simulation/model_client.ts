/**
 * The SDK's client as lib/s3/ uses it, answered by model buckets in the same process: no HTTP, no
 * signature, and nothing that waits.
 */
import type { Client, Sdk } from "../../lib/s3/connect.ts";
import type { Answer } from "./model_server.ts";

interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

type Step = (args: unknown) => Promise<{ readonly response: Response }>;
type Layer = (next: Step) => Step;

/** A command: what it asks for, and what lib/s3/ does with the answer before the SDK reads it. */
class ModelCommand {
  readonly input: Readonly<Record<string, unknown>>;
  readonly layers: Layer[] = [];
  readonly middlewareStack = {
    add: (layer: Layer, { step }: { readonly step: string }): void => {
      // No request is built here.
      if (step === "deserialize") this.layers.push(layer);
    },
  };

  constructor(input: Readonly<Record<string, unknown>>) {
    this.input = input;
  }
}

const SUFFIX = "Command";

function commandClass(name: string): typeof ModelCommand {
  return { [name]: class extends ModelCommand {} }[name]!;
}

/** Makes a class for each command that is asked for, once. */
const commands = new Map<string, typeof ModelCommand>();

/** In place of the SDK. */
export const modelSdk: Sdk = new Proxy({} as Sdk, {
  get(_, name: string) {
    if (!name.endsWith(SUFFIX)) throw new TypeError(`the model of the SDK has no ${name}`);
    if (!commands.has(name)) commands.set(name, commandClass(name));
    return commands.get(name);
  },
});

/** A client whose server is `answer`: given the operation's name and input, it answers or throws. */
export function modelClient(
  answer: (operation: string, input: Readonly<Record<string, unknown>>) => Answer,
): Client {
  const send = async (command: ModelCommand): Promise<unknown> => {
    const operation = command.constructor.name.slice(0, -SUFFIX.length);
    const { output = {}, headers = {}, body = "" } = answer(operation, command.input);
    const response = { statusCode: 200, headers, body: chunksOf(body) };
    const receive: Step = () => Promise.resolve({ response });
    await command.layers.reduceRight((next, layer) => layer(next), receive)({});
    return output;
  };
  return { send } as unknown as Client;
}

async function* chunksOf(body: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(body));
}
