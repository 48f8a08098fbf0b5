import type { Answers } from "./answers.ts";

/** A configuration file of these answers, with words for whoever finds it. */
export function configText(answers: Answers): string {
  const { set, source, replica, store, days, minimumRedundancy } = answers;
  const text = JSON.stringify;
  const replicaLines = replica === undefined
    ? `      // The source keeps its own versions. A bucket that S3 replicates it to is safer:
      // "replica": "s3://NAME?region=REGION",`
    : `      // The versioned bucket that S3 replicates it to.
      "replica": ${text(replica)},`;
  return `// What backup-my-bucket works on; docs/CONFIGURATION.md explains every setting.
{
  "sets": {
    ${text(set)}: {
      // The bucket that applications write to, and that a restore brings back.
      "source": ${text(source)},
${replicaLines}
      // Where the points are stored: a directory, sqlite:///FILE or s3://BUCKET/PREFIX.
      "store": ${text(store)},
      // What gc keeps: points of so many days, and so many in any case. See also keepDaily,
      // keepWeekly, keepMonthly and keepYearly.
      "retention": { "days": ${days}, "minimumRedundancy": ${minimumRedundancy} }
    }
  }
}
`;
}
