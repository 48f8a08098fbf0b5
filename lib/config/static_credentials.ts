/**
 * Keys that a 2015 configuration file holds. Printing, logging or serialising one shows nothing of
 * them: they leave it through {@linkcode StaticCredentials.reveal} only.
 */
export class StaticCredentials {
  readonly #accessKeyId: string;
  readonly #secretAccessKey: string;

  /** As the file has them. */
  constructor(accessKeyId: string, secretAccessKey: string) {
    this.#accessKeyId = accessKeyId;
    this.#secretAccessKey = secretAccessKey;
  }

  /** The keys, in the form that `openBucket` takes. */
  reveal(): { readonly accessKeyId: string; readonly secretAccessKey: string } {
    return { accessKeyId: this.#accessKeyId, secretAccessKey: this.#secretAccessKey };
  }
}
