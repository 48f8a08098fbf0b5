/** Decisions that depend on a seed. */
import { seededRandom } from "../seed.ts";

/** Keeps the steps of one history apart from those of the next: odd, so that none is hit twice. */
const STEP_STRIDE = 0x9e3779b1;

/** A source of chance. */
export class Chance {
  readonly #seed: number;
  #random: () => number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
  }

  /** A number from 0 up to, not including, 1. */
  readonly random = (): number => this.#random();

  /** Begin a step, whose decisions do not depend on how many were made before it. */
  begin(step: number): void {
    this.#random = seededRandom(Math.imul(this.#seed, STEP_STRIDE) + step);
  }

  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number {
    return Math.floor(this.random() * below);
  }

  /** Whether something of that probability happens. */
  happens(probability: number): boolean {
    return this.random() < probability;
  }

  /** One of the items, of which there must be some. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.int(items.length)]!;
  }

  /** One of the items, by their weights. */
  weigh<Item>(items: readonly (readonly [weight: number, item: Item])[]): Item {
    let left = this.random() * items.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, item] of items) if ((left -= weight) < 0) return item;
    return items.at(-1)![1];
  }
}
