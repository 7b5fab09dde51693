package io.counterfoil.accesslog.landing;

/** Another content lies under a segment's name: two edges share an identity, or the landing was changed. */
public final class LandingConflictException extends Exception {
    private static final long serialVersionUID = 1L;

    public LandingConflictException(String message) {
        super(message);
    }
}
