/** Thrown to leave a batch that must not be written any more. It is not a failure. */
export class BatchAbandoned extends Error {}
