/** The account that owns every bucket and object. */
import { element, type XmlMarkup } from "./xml.ts";

/** The account's canonical user id: 64 hexadecimal digits. */
export const OWNER_ID = "6f1d5f0f2b5c4d60a85f4b4bd2f2e8ab7c1b2a90f3d7415e9c6a0b8d4e2f1a73";

const OWNER = element("Owner", element("ID", OWNER_ID));
const INITIATOR = element("Initiator", element("ID", OWNER_ID));

/** Whose a version or an upload is. */
export function ownerElement(): XmlMarkup {
  return OWNER;
}

/** Who began an upload. */
export function initiatorElement(): XmlMarkup {
  return INITIATOR;
}
