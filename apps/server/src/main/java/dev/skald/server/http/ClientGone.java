package dev.skald.server.http;

import org.eclipse.jetty.io.QuietException;

/** Nobody reads the answer any more. What is being computed for it ends. */
public final class ClientGone extends RuntimeException implements QuietException {
    private static final long serialVersionUID = 1;

    ClientGone(Throwable cause) {
        super(cause.getMessage(), cause, false, false);
    }
}
