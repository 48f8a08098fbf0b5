/** What a new configuration is made of. */
export interface Answers {
  /** The set's name. */
  readonly set: string;
  /** URL of the bucket that is restored. */
  readonly source: string;
  /** URL of the bucket that holds the versions; undefined when that is the source. */
  readonly replica: string | undefined;
  /** An absolute path, or a store's URL. */
  readonly store: string;
  /** How many days a point is kept. */
  readonly days: number;
  /** How many points are kept in any case. */
  readonly minimumRedundancy: number;
}

/** What `init` prepares for a new installation. */
export interface Preparation {
  /** Absolute path of the configuration. */
  readonly config: string;
  /** Its content. */
  readonly text: string;
  /** Documents for IAM and S3, each by what it is for. */
  readonly documents: Readonly<Record<string, unknown>>;
  /** A line for `crontab -e`. */
  readonly cron: string;
  /** Units of systemd, each by the name of its file. */
  readonly systemd: Readonly<Record<string, string>>;
  /** What is left to be done before these work. */
  readonly warnings: readonly string[];
}
