import { isAbsolute, resolve } from "node:path";
import { parseBucketUrl } from "../../lib/s3/bucket_url.ts";
import { readVariable } from "../environment.ts";
import type { Answers } from "./answers.ts";

/** What cron and systemd, which begin with an empty environment, must be told of this one. */
export interface ScheduledEnvironment {
  /** Values by name. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names of variables that count and cannot be printed: secrets, for the most part. */
  readonly withheld: readonly string[];
}

/** What decides where S3 is, who asks it, and how it is reached. */
const SETTINGS = [
  ...["AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"],
  ...["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS"],
  ...["AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"],
  ...["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"],
];
/** The same, as paths. */
const FILES = [
  ...["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"],
  ...["AWS_CA_BUNDLE", "DENO_DIR", "DENO_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"],
];
/** Keys, which count unless a profile is named. */
const SECRETS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/** What there is here of it. */
export function scheduledEnvironment(answers: Answers): ScheduledEnvironment {
  const found = [...SETTINGS, ...FILES].flatMap((name): [string, string][] => {
    const value = readVariable(name);
    return value ? [[name, FILES.includes(name) ? absolute(value) : value]] : [];
  });
  const [open, closed] = [found.filter(isPrintable), found.filter((one) => !isPrintable(one))];
  const secrets = usesKeys(answers) ? SECRETS.filter((name) => readVariable(name)) : [];
  return {
    variables: Object.fromEntries(open),
    withheld: [...secrets, ...closed.map(([name]) => name)],
  };
}

/** What is to be done about variables that were not printed; undefined without any. */
export function adviceOn({ withheld }: ScheduledEnvironment): string | undefined {
  if (withheld.length === 0) return undefined;
  const hasKeys = withheld.some((name) => SECRETS.includes(name));
  return `${withheld.join(", ")} ${withheld.length === 1 ? "is" : "are"} set here, and neither ` +
    `cron nor systemd will have that: no secret is printed. ` +
    (hasKeys
      ? `Put the keys into a profile in ~/.aws/credentials and name it in the URL of each bucket ` +
        `(profile=NAME); or, for systemd, `
      : `For systemd, `) +
    `write NAME=VALUE lines to a file that only its user may read, and name that by ` +
    `EnvironmentFile= in the unit`;
}

/** Whether some bucket is asked with keys of the environment. The SDK passes these over otherwise. */
function usesKeys({ source, replica, store }: Answers): boolean {
  if (readVariable("AWS_PROFILE")) return false;
  return [source, replica, store].some((url) =>
    url?.startsWith("s3://") && parseBucketUrl(url).profile === undefined
  );
}

/** As it is found from another directory. The SDK itself knows the home directory's sign. */
function absolute(path: string): string {
  return isAbsolute(path) || path.startsWith("~/") ? path : resolve(path);
}

/** Proxies' URLs may hold a password; a line must stay one. */
function isPrintable([name, value]: readonly [string, string]): boolean {
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(value)) return false;
  if (!/_PROXY$|ENDPOINT_URL/i.test(name)) return true;
  // Also without a scheme, which is what curl takes.
  const url = URL.parse(value.includes("://") ? value : `http://${value}`);
  return !url?.username && !url?.password;
}
