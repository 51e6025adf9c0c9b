package dev.skald.server.http;

/** Nobody reads the answer any more. What is being computed for it ends. */
public final class ClientGone extends RuntimeException {
    private static final long serialVersionUID = 1;

    ClientGone(Throwable cause) {
        super(cause.getMessage(), cause, false, false);
    }
}
