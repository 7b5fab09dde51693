package io.counterfoil.edge.snapshot;

/** What was loaded cannot be right; the snapshot in use stays. The message says what is wrong with it and what to do. */
final class SnapshotRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What is wrong, in rising order of what an operator can say to it. */
    enum Kind {
        /** A value is missing or out of its bounds. */
        ABSURD,
        /** Something is in it twice. */
        DOUBLED,
        /** It comes from another database than the one in use. */
        OTHER_DATABASE,
        /** Its version is below the one in use. An operator may accept it. */
        OLDER,
        /** It has no keys, the one in use has. An operator may accept it. */
        EMPTY,
        /** Most of the keys in use are gone. An operator may accept it. */
        HALF
    }

    private final Kind kind;

    SnapshotRefusedException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    /** Whether an operator may have meant it so. */
    boolean isAcceptable() {
        return kind.compareTo(Kind.OLDER) >= 0;
    }

    /** Whether it is no news where the other one was told: a moving version or count is none. */
    boolean saysTheSameAs(SnapshotRefusedException other) {
        return kind == other.kind && (isAcceptable() || getMessage().equals(other.getMessage()));
    }
}
