/** Every operation that the server knows. */
import type { Operation } from "../call.ts";
import { BUCKET_OPERATIONS } from "./buckets.ts";
import { COMPLETE_UPLOAD_OPERATIONS } from "./complete_upload.ts";
import { CONFIGURATION_OPERATIONS } from "./bucket_configuration.ts";
import { COPY_OPERATIONS } from "./copy_object.ts";
import { DELETE_OPERATIONS } from "./delete_object.ts";
import { LIST_UPLOADS_OPERATIONS } from "./list_uploads.ts";
import { LOCK_OPERATIONS } from "./object_lock.ts";
import { ACL_OPERATIONS } from "./object_acl.ts";
import { ATTRIBUTES_OPERATIONS } from "./object_attributes.ts";
import { RESTORE_OPERATIONS } from "./restore_object.ts";
import { TAGGING_OPERATIONS } from "./object_tagging.ts";
import { LIST_OBJECTS_OPERATIONS } from "./list_objects.ts";
import { LIST_VERSIONS_OPERATIONS } from "./list_versions.ts";
import { MULTIPART_OPERATIONS } from "./multipart.ts";
import { READ_OPERATIONS } from "./read_object.ts";
import { UPLOAD_PART_OPERATIONS } from "./upload_part.ts";
import { WRITE_OPERATIONS } from "./write_object.ts";

/** Every operation that the server knows; anything else is not implemented. */
export const OPERATIONS: readonly Operation[] = [
  ...BUCKET_OPERATIONS,
  ...CONFIGURATION_OPERATIONS,
  ...LIST_OBJECTS_OPERATIONS,
  ...LIST_VERSIONS_OPERATIONS,
  ...READ_OPERATIONS,
  ...WRITE_OPERATIONS,
  ...COPY_OPERATIONS,
  ...DELETE_OPERATIONS,
  ...MULTIPART_OPERATIONS,
  ...COMPLETE_UPLOAD_OPERATIONS,
  ...UPLOAD_PART_OPERATIONS,
  ...LIST_UPLOADS_OPERATIONS,
  ...TAGGING_OPERATIONS,
  ...ACL_OPERATIONS,
  ...ATTRIBUTES_OPERATIONS,
  ...LOCK_OPERATIONS,
  ...RESTORE_OPERATIONS,
];
