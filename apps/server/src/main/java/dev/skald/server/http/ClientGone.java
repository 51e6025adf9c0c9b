package dev.skald.server.http;

import org.eclipse.jetty.io.QuietException;

/** The client has disconnected. This ends the computation of its answer. */
public final class ClientGone extends RuntimeException implements QuietException {
    private static final long serialVersionUID = 1;

    ClientGone(Throwable cause) {
        super(cause.getMessage(), cause, false, false);
    }
}
