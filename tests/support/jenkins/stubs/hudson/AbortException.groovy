package hudson

/** A failure that needs no stack trace: what `error` throws. */
class AbortException extends IOException {

    AbortException(String message) { super(message) }

}
