/** From a request to its answer. */
import { decodeBody } from "./body.ts";
import { Call, type Operation } from "./call.ts";
import { httpTime } from "./clock.ts";
import { S3Error } from "./errors.ts";
import { type FaultRule, Faults, type FaultSubject } from "./faults.ts";
import { createRandom, type Random } from "./random.ts";
import { checkRegion } from "./region.ts";
import { parseRequest, type RawRequest, type S3Request } from "./request.ts";
import { RequestLog } from "./request_log.ts";
import { errorDocument, type S3Response, textResponse } from "./response.ts";
import { checkHeaders, recognize } from "./router.ts";
import { verifySignature } from "./signature.ts";
import type { State } from "./state.ts";

/** An answer and what becomes of it on the network. */
export interface Outcome {
  /** The answer. */
  readonly response: S3Response;
  /** How the connection fails, if it does. */
  readonly failure?: "reset" | "cut-body";
}

/** Length of a request id, in characters. */
const REQUEST_ID_LENGTH = 16;

/** The S3 service, without the network. */
export class Service {
  /** Rules for what goes wrong. */
  readonly faults: Faults;
  /** What was asked. */
  readonly requests: RequestLog = new RequestLog();
  readonly #state: State;
  readonly #random: Random;

  /** A service over `state`. */
  constructor(state: State) {
    this.#state = state;
    this.#random = createRandom(state.settings.seed + 2);
    this.faults = new Faults(state.settings.seed + 3);
  }

  /** Answers a request. Never rejects: what goes wrong becomes an error document. */
  async answer(raw: RawRequest): Promise<Outcome> {
    const requestId = this.#random.hex(REQUEST_ID_LENGTH);
    let request: S3Request;
    try {
      request = parseRequest(raw);
    } catch (error) {
      return { response: this.#finish(toResponse(error, raw.target, requestId), requestId) };
    }
    const operation = recognize(request);
    const end = this.#log(request, operation);
    const subject: FaultSubject = {
      operation: operation?.name ?? "Unknown",
      bucket: request.bucket,
      key: request.key,
      query: Object.fromEntries(request.query),
    };
    const fault = this.faults.decide(subject);
    await this.#delay(subject);
    const { response, errorCode } = this.#answerOrFail(request, operation, fault, requestId);
    const failure = fault?.kind === "reset" || fault?.kind === "cut-body" ? fault.kind : undefined;
    end(failure === "reset" ? 0 : response.status, errorCode);
    const finished = this.#finish(response, requestId);
    return failure ? { response: finished, failure } : { response: finished };
  }

  #log(request: S3Request, operation: Operation | undefined): ReturnType<RequestLog["begin"]> {
    return this.requests.begin({
      operation: operation?.name ?? "Unknown",
      method: request.method,
      bucket: request.bucket,
      key: request.key,
      versionId: request.query.get("versionId"),
      query: Object.fromEntries(request.query),
      headers: request.headers,
      time: this.#state.now(),
    });
  }

  async #delay(subject: FaultSubject): Promise<void> {
    const { latency } = this.#state.settings;
    const time = typeof latency === "number" ? latency : latency(subject);
    if (time > 0) await new Promise((resolve) => setTimeout(resolve, time));
  }

  #answerOrFail(
    request: S3Request,
    operation: Operation | undefined,
    fault: FaultRule | undefined,
    requestId: string,
  ): { response: S3Response; errorCode: string | undefined } {
    try {
      const carriedOut = !fault || fault.applied || fault.kind === "cut-body";
      const response = carriedOut ? this.#carryOut(request, operation) : undefined;
      if (fault?.kind === "slowdown") throw new S3Error("SlowDown");
      if (fault?.kind === "internal-error") throw new S3Error("InternalError");
      if (fault?.kind === "error-in-200") throw new S3Error("InternalError", {}, { status: 200 });
      return { response: response ?? { status: 200, headers: {} }, errorCode: undefined };
    } catch (error) {
      const response = toResponse(error, request.path, requestId);
      return { response, errorCode: error instanceof S3Error ? error.code : "InternalError" };
    }
  }

  #carryOut(request: S3Request, operation: Operation | undefined): S3Response {
    const { settings } = this.#state;
    const signed = verifySignature(request, {
      credentials: settings.credentials,
      now: this.#state.now(),
      clockSkew: settings.clockSkew,
    });
    if (!operation) throw new S3Error("NotImplemented");
    checkHeaders(request);
    const bucket = this.#state.buckets.get(request.bucket);
    checkRegion(settings, operation.name, signed.caller.region, bucket);
    const { bytes, trailers } = decodeBody(request.body, request.headers, signed);
    const call = new Call({
      state: this.#state,
      request,
      headers: { ...request.headers, ...trailers },
      body: bytes,
      caller: signed.caller,
    });
    authorizeOperation(call, operation);
    return operation.handler(call);
  }

  #finish(response: S3Response, requestId: string): S3Response {
    return {
      ...response,
      headers: {
        "x-amz-request-id": requestId,
        "x-amz-id-2": `host-${requestId}`,
        "date": httpTime(this.#state.now()),
        "server": "AmazonS3",
        ...response.headers,
      },
    };
  }
}

function authorizeOperation(call: Call, operation: Operation): void {
  const { action } = operation;
  if (action === undefined) return;
  if (typeof action === "string") call.authorize(action);
  else call.authorize(call.versionId === undefined ? action[0] : action[1]);
}

function toResponse(error: unknown, resource: string, requestId: string): S3Response {
  const known = error instanceof S3Error ? error : new S3Error("InternalError", {}, {
    // A defect of the emulator; its message is for whoever reads the test's output.
    message: `Emulator failure: ${error instanceof Error ? error.stack : String(error)}`,
  });
  const document = errorDocument(known, resource, requestId);
  return textResponse(known.status, document, known.headers);
}
